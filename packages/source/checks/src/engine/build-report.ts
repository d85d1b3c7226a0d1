import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FactTree } from '@coxswain/facts'
import { estimateTokens } from '@coxswain/rules'
import { isSparse } from '@coxswain/host'
import type { BaselineMatch } from '../baseline/baseline.ts'
import type { AppliedFix, CheckReport } from '../check-report.ts'
import { describeUnmet } from './describe-unmet.ts'
import { describeEnded } from './exemption-test.ts'
import type { CheckSession } from './check-session.ts'

export interface ReportParts {
  readonly session: CheckSession
  readonly tree: FactTree
  readonly match: BaselineMatch
  readonly applied: readonly AppliedFix[]
  /** The new findings have just been taken into the baseline. */
  readonly isAccepted: boolean
  /** Everything was checked: only then does an unmatched entry mean a mended violation. */
  readonly isWhole: boolean
  readonly hasSource: boolean
  readonly wallMs: number
}

export function buildReport(parts: ReportParts): CheckReport {
  const { session, tree, match, isAccepted } = parts
  const findings = isAccepted ? [] : match.fresh
  const counts: Record<string, number> = {}
  for (const finding of findings) counts[finding.rule] = (counts[finding.rule] ?? 0) + 1
  const { files, lines, bytes } = tree.totals
  return {
    findings,
    counts,
    files,
    packages: session.workspace.packages.filter((node) => node.isMember).length,
    packageFolders: session.workspace.packages.map((node) => node.dir),
    lines,
    tokens: estimateTokens(bytes),
    rules: session.config.rules.length + session.config.patterns.length,
    baseline: {
      known: match.known.length + (isAccepted ? match.fresh.length : 0),
      new: findings.length,
      fixed: parts.isWhole ? match.fixed.length : 0,
    },
    cache: { hits: tree.facts.size - tree.counts.parsed, parsed: tree.counts.parsed, service: false },
    wallMs: Math.round(parts.wallMs),
    hasHarness: session.config.hasHarness,
    hasSource: parts.hasSource,
    reportTokens: session.config.reportTokens,
    applied: parts.applied,
    notes: notesOf(session, tree),
  }
}

function notesOf(session: CheckSession, { root }: FactTree): string[] {
  const dead = session.workspace.deadPatterns.map(
    ({ file, pattern }) => `${file} declares packages at ${pattern}, and there are none`,
  )
  const unmet = describeUnmet(session.workspace, session.config.architecture)
  const missing = existsSync(join(root, 'harness')) ? 'harness/checks.yaml' : 'harness/'
  const setup = session.config.hasHarness ? [] : [`no ${missing} here: default rules, warnings only`]
  const ended = describeEnded({ exemptions: session.config.exemptions, today: session.day })
  const sparse = isSparse(root)
    ? [
        'this is a sparse checkout: what is not checked out is not seen, so findings about links, imports and unused code may be wrong',
      ]
    : []
  return [...dead, ...unmet, ...ended, ...sparse, ...setup]
}
