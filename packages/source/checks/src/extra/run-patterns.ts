import { createRequire } from 'node:module'
import type { Workspace } from '@coxswain/graph'
import { CoxError, errorMessage } from '@coxswain/kernel'
import picomatch from 'picomatch'
import type { TeamPattern } from '../config/check-config.ts'
import type { CheckConfig } from '../config/load-config.ts'
import type { ExemptionTest } from '../engine/exemption-test.ts'
import { print } from '../engine/finish-findings.ts'
import type { Finding } from '../finding.ts'

export interface ExtraScope {
  readonly root: string
  readonly config: CheckConfig
  readonly workspace: Workspace
  readonly files: readonly string[]
  readonly isExempt: ExemptionTest
  readonly signal?: AbortSignal
}

type AstGrep = typeof import('@ast-grep/napi')

/** A team's own ast-grep patterns, on the files that were asked for. @throws CoxError CONFIG_INVALID */
export function runPatterns({ config, workspace, files, isExempt }: ExtraScope): Finding[] {
  if (config.patterns.length === 0) return []
  // Loaded only where a team has patterns: most checks never parse a second time.
  const astGrep = createRequire(import.meta.url)('@ast-grep/napi') as AstGrep
  return config.patterns.flatMap((pattern) => {
    const covers = createFilter(pattern)
    return files
      .filter((file) => covers(file) && !config.excludes(file) && workspace.facts.get(file)?.problem === undefined)
      .flatMap((file) => matchFile(pattern, { file, text: workspace.textOf(file), astGrep }))
      .filter((finding) => !isExempt(finding))
  })
}

function createFilter(pattern: TeamPattern): (file: string) => boolean {
  const extensions = { typescript: /\.[cm]?ts$/, tsx: /\.tsx$/, javascript: /\.[cm]?jsx?$/ }[pattern.language]
  const isIncluded = pattern.include.length === 0 ? () => true : picomatch(pattern.include, { dot: true })
  const isExcluded = picomatch(pattern.exclude, { dot: true })
  return (file) => extensions.test(file) && isIncluded(file) && !isExcluded(file)
}

interface Subject {
  readonly file: string
  readonly text: string
  readonly astGrep: AstGrep
}

function matchFile(pattern: TeamPattern, { file, text, astGrep }: Subject): Finding[] {
  const language = { typescript: astGrep.Lang.TypeScript, tsx: astGrep.Lang.Tsx, javascript: astGrep.Lang.JavaScript }[
    pattern.language
  ]
  try {
    const root = astGrep.parse(language, text).root()
    const nodes = typeof pattern.rule === 'string' ? root.findAll(pattern.rule) : root.findAll({ rule: pattern.rule })
    return nodes.map((node, at) => toFinding(pattern, file, { text: node.text(), ...node.range().start, nth: at }))
  } catch (error) {
    throw new CoxError('CONFIG_INVALID', `harness/checks.yaml: pattern ${pattern.id}: ${errorMessage(error)}`, {
      hint: 'Correct the pattern; https://ast-grep.github.io describes the form.',
      cause: error,
    })
  }
}

function toFinding(
  pattern: TeamPattern,
  file: string,
  match: { readonly text: string; readonly line: number; readonly column: number; readonly nth: number },
): Finding {
  const anchor = `${pattern.id}\0${match.text}`
  return {
    rule: pattern.id,
    severity: pattern.severity,
    file,
    line: match.line + 1,
    column: match.column + 1,
    what: pattern.message,
    why: pattern.why,
    fix: pattern.fix,
    see: 'harness/checks.yaml',
    fingerprint: print(`${file}\0${anchor}\0${match.nth}`),
    moveKey: print(anchor),
  }
}
