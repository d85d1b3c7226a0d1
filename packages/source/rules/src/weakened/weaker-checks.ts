import { loadZod } from '@coxswain/facts'
import type { AnyRule } from '../rule.ts'
import { byKey, gained, isTree, textsOf, treeOf, type Tree } from './read-settings.ts'

/** What a rule is where nobody has configured it. */
export type RuleDefaults = Pick<AnyRule, 'id' | 'severity' | 'options' | 'exclude'>

/** What got weaker in `harness/checks.yaml`, in sentences. */
export function weakerChecks(was: Tree, now: Tree, builtIn: readonly RuleDefaults[]): string[] {
  const byId = new Map(builtIn.map((rule) => [rule.id, rule]))
  // A rule that is named only now was on by itself before.
  const ids = new Set([was, now].flatMap((file) => Object.keys(treeOf(file['rules']))))
  return [
    ...[...ids].flatMap((id) => weakerRule(id, settingOf(was, id, byId.get(id)), settingOf(now, id, byId.get(id)))),
    ...(was['defaults'] === 'error' && now['defaults'] !== 'error' ? ['defaults are no longer errors'] : []),
    ...gained(textsOf(was['exclude']), textsOf(now['exclude'])).map((glob) => `${glob} is excluded from every rule`),
    ...weakerPatterns(was, now),
    ...lowered('oxlint', ['off', 'auto', 'typed'], [wordOf(was['oxlint'], 'auto'), wordOf(now['oxlint'], 'auto')]),
  ]
}

interface Setting {
  readonly isNamed: boolean
  readonly severity: string
  readonly include: readonly string[] | null
  readonly exclude: readonly string[]
  readonly options: Tree
}

function settingOf(file: Tree, id: string, rule: RuleDefaults | undefined): Setting {
  const entry = treeOf(file['rules'])[id]
  const { severity, include, exclude, see: _, ...own } = isTree(entry) ? entry : { severity: entry }
  const isNamed = entry !== undefined
  const byItself = rule === undefined || rule.severity === 'off' ? 'off' : file['defaults'] === 'error' ? 'error' : rule.severity
  return {
    isNamed,
    severity: isNamed ? wordOf(severity, 'error') : byItself,
    include: include === undefined ? null : textsOf(include),
    exclude: [...(include === undefined ? (rule?.exclude ?? []) : []), ...textsOf(exclude)],
    options: withDefaults(own, rule),
  }
}

function withDefaults(own: Tree, rule: RuleDefaults | undefined): Tree {
  const parsed = rule?.options(loadZod()).safeParse(own)
  return parsed?.success === true ? treeOf(parsed.data) : own
}

function weakerRule(id: string, was: Setting, now: Setting): string[] {
  if (was.severity === 'off') return []
  const severity = lowered(id, ['off', 'warning', 'error'], [was.severity, now.severity])
  // What is off looks at nothing, whatever else it says.
  const found =
    now.severity === 'off' ? severity : [...severity, ...narrowed(id, was, now), ...laxer(id, was.options, now.options)]
  return found.length > 0 && !now.isNamed ? [`${id} is no longer configured`] : found
}

/** From the weakest value to the strongest. */
function lowered(name: string, order: readonly string[], [was, now]: readonly [string, string]): string[] {
  return order.indexOf(now) < order.indexOf(was) ? [`${name} goes from ${was} to ${now}`] : []
}

type Reach = Pick<Setting, 'include' | 'exclude'>

function narrowed(id: string, was: Reach, now: Reach): string[] {
  const lost = [
    ...(was.include === null ? [] : gained(now.include ?? was.include, was.include)),
    ...gained(was.exclude, now.exclude),
  ]
  const only = was.include === null && now.include !== null ? [`${id} looks only at ${now.include.join(', ')}`] : []
  return [...only, ...lost.map((glob) => `${id} no longer looks at ${glob}`)]
}

/** Options that are upper bounds: more of them is laxer. */
const upperBounds = ['max', 'lines', 'tokens', 'maxDays']

function laxer(id: string, was: Tree, now: Tree): string[] {
  const keys = new Set([...Object.keys(was), ...Object.keys(now)])
  return [...keys].flatMap((key) => {
    const [before, after] = [was[key], now[key]]
    if (JSON.stringify(before) === JSON.stringify(after)) return []
    if (!upperBounds.includes(key) || typeof before !== 'number' || typeof after !== 'number')
      return [`${id}: ${key} changed from ${shown(before)} to ${shown(after)}: cannot be compared`]
    return after > before ? [`${id}: ${key} goes from ${before} to ${after}`] : []
  })
}

function weakerPatterns(was: Tree, now: Tree): string[] {
  const next = byKey(now['patterns'], 'id')
  return [...byKey(was['patterns'], 'id')].flatMap(([id, old]) => {
    const name = `pattern ${id}`
    const current = next.get(id)
    if (current === undefined) return [`${name} is removed`]
    const looksFor = ({ language, rule }: Tree): Tree => ({ language: language ?? 'typescript', rule })
    return [
      ...lowered(name, ['warning', 'error'], [wordOf(old['severity'], 'error'), wordOf(current['severity'], 'error')]),
      ...narrowed(name, reachOf(old), reachOf(current)),
      ...laxer(name, looksFor(old), looksFor(current)),
    ]
  })
}

/** An empty `include` of a pattern is everything. */
function reachOf({ include, exclude }: Tree): Reach {
  const globs = textsOf(include)
  return { include: globs.length === 0 ? null : globs, exclude: textsOf(exclude) }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function wordOf(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}
