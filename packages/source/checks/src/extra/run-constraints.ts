import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Breach, CheckRunner, LoadedConstraints, MatchCache, Problem } from '@coxswain/constraints'
import { constraintFileRule, loadConfig } from '../config/load-config.ts'
import { createEvaluator, today } from '../engine/evaluator.ts'
import { print } from '../engine/finish-findings.ts'
import type { Finding } from '../finding.ts'
import type { ExtraScope } from './run-patterns.ts'

export interface ConstraintScope extends ExtraScope {
  /** Rules and constraints that were asked for; none means all. */
  readonly only: readonly string[]
  /** Where matches are kept; null for a run without cache. */
  readonly cacheFile: string | null
}

export interface ConstraintFindings {
  readonly findings: readonly Finding[]
  /** How many constraints with a check held for this run. */
  readonly checked: number
}

/** What the repository's own constraints find. Without `harness/constraints` nothing is loaded. */
export async function runConstraints(scope: ConstraintScope): Promise<ConstraintFindings> {
  if (!existsSync(join(scope.root, 'harness/constraints'))) return { findings: [], checked: 0 }
  const { checksOf, enforceConstraints, loadConstraints, openMatchCache } = await import('@coxswain/constraints')
  const { only, root, workspace, files, signal, cacheFile } = scope
  const loaded = await loadConstraints(root, [...workspace.facts.keys()])
  const constraints = loaded.constraints.filter(({ id }) => only.length === 0 || only.includes(id))
  const breaches = await enforceConstraints({
    root,
    constraints,
    files,
    today: today(),
    runRule: ruleRunner(scope),
    ...(cacheFile !== null && { cache: (opened[cacheFile] ??= openMatchCache(cacheFile)) }),
    ...(signal && { signal }),
  })
  return {
    findings: [...unreadable(loaded, only), ...toFindings(breaches).filter((finding) => !scope.isExempt(finding))],
    checked: constraints.filter((constraint) => checksOf(constraint).length > 0).length,
  }
}

/** A watch service asks again and again: what is known stays in memory. */
const opened: Record<string, MatchCache> = {}

/** Built-in rules see the whole workspace, as they do when `harness/checks.yaml` names them. */
function ruleRunner({ workspace, config }: ConstraintScope): CheckRunner {
  return async ({ check, files }) => {
    if (!('rule' in check)) return []
    const checks = JSON.stringify({ rules: { [check.rule]: { ...check.options, severity: 'error' } } })
    const { rules } = loadConfig((path) => (path === 'harness/checks.yaml' ? checks : null), [check.rule])
    const asked = new Set(files)
    return createEvaluator(workspace, { ...config, rules, patterns: [] }, null)
      .findings()
      .filter(({ raw }) => asked.has(raw.file))
      .map(({ raw }) => ({ file: raw.file, line: raw.line, column: raw.column, text: raw.what }))
  }
}

/** A constraint that cannot be read is not enforced: that is told, never passed over. */
function unreadable({ problems }: LoadedConstraints, only: readonly string[]): Finding[] {
  const isAsked = (file: string): boolean =>
    only.length === 0 || only.includes(constraintFileRule) || only.some((id) => file.endsWith(`/${id}.md`))
  return problems.filter(({ severity, file }) => severity === 'error' && isAsked(file)).map(problemFinding)
}

function problemFinding({ file, line, message, hint, code }: Problem): Finding {
  const anchor = `constraint-file\0${code}\0${message}`
  return {
    rule: constraintFileRule,
    severity: 'error',
    file,
    line,
    column: 1,
    what: message,
    why: 'A constraint that cannot be read protects nothing.',
    fix: [hint],
    see: '`cox constraint list`',
    fingerprint: print(`${file}\0${anchor}`),
    moveKey: print(anchor),
  }
}

function toFindings(breaches: readonly Breach[]): Finding[] {
  const counts = new Map<string, number>()
  return breaches.map((breach) => {
    const anchor = `${breach.id}\0${breach.text}`
    const place = `${breach.file}\0${anchor}`
    const nth = counts.get(place) ?? 0
    counts.set(place, nth + 1)
    const [see = ''] = breach.see
    return {
      rule: breach.id,
      file: breach.file,
      line: breach.line,
      column: breach.column,
      severity: breach.severity === 'error' ? ('error' as const) : ('warning' as const),
      what: breach.isBroken ? breach.what : `${breach.what}: ${excerpt(breach.text)}`,
      why: oneLine(breach.why),
      fix: [oneLine(breach.fix)],
      see,
      fingerprint: print(`${place}\0${nth}`),
      moveKey: print(anchor),
    }
  })
}

const longestExcerpt = 80

function excerpt(text: string): string {
  const line = oneLine(text)
  return `\`${line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line}\``
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
