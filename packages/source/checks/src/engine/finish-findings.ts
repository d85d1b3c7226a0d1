import { createHash } from 'node:crypto'
import { rules } from '@coxswain/rules'
import type { Workspace } from '@coxswain/facts'
import picomatch from 'picomatch'
import type { ConfiguredExemption } from '../config/check-config.ts'
import type { Finding } from '../finding.ts'
import type { RuleFinding } from './evaluator.ts'

export interface FinishScope {
  readonly workspace: Workspace
  readonly exemptions: readonly ConfiguredExemption[]
  readonly today: string
}

/** Raw findings to reported ones: exempted ones left out, in a stable order, each with its prints. */
export function finishFindings(found: readonly RuleFinding[], scope: FinishScope): Finding[] {
  const isExempt = createExemptionCheck(scope)
  const counts = new Map<string, number>()
  return found
    .filter((entry) => !isExempt(entry))
    .toSorted(byRuleAndPlace)
    .map(({ active, raw }) => {
      const place = `${active.rule.id}\0${raw.file}\0${raw.anchor}`
      const nth = counts.get(place) ?? 0
      counts.set(place, nth + 1)
      const { file, line, column, what, fix, rewrite, related } = raw
      return {
        rule: active.rule.id,
        severity: active.severity,
        file,
        line,
        column,
        what,
        why: active.rule.why,
        fix,
        see: active.see,
        fingerprint: print(`${place}\0${nth}`),
        moveKey: print(`${active.rule.id}\0${raw.anchor}`),
        ...(rewrite && { rewrite }),
        ...(related && { related }),
      }
    })
}

export function print(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

const order = new Map(rules.map((rule, at) => [rule.id, at]))

function byRuleAndPlace(a: RuleFinding, b: RuleFinding): number {
  const rule = (order.get(a.active.rule.id) ?? 0) - (order.get(b.active.rule.id) ?? 0)
  if (rule !== 0) return rule
  if (a.raw.file !== b.raw.file) return a.raw.file < b.raw.file ? -1 : 1
  return a.raw.line - b.raw.line || a.raw.column - b.raw.column || (a.raw.anchor < b.raw.anchor ? -1 : 1)
}

/** An exemption covers its own line and the next; in the first three lines of a file, all of it. */
function createExemptionCheck({ workspace, exemptions, today }: FinishScope): (finding: RuleFinding) => boolean {
  const configured = exemptions
    .filter((entry) => entry.until >= today)
    .map((entry) => ({ rule: entry.rule, covers: picomatch(entry.files, { dot: true }) }))
  return ({ active, raw }) => {
    const inline = (workspace.facts.get(raw.file)?.exemptions ?? []).some(
      (entry) =>
        entry.rule === active.rule.id &&
        entry.owner !== null &&
        entry.reason !== null &&
        entry.until !== null &&
        entry.until >= today &&
        (entry.line <= 3 || raw.line === entry.line || raw.line === entry.line + 1),
    )
    return inline || configured.some((entry) => entry.rule === active.rule.id && entry.covers(raw.file))
  }
}
