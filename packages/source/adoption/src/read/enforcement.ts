import type { LinterSetup } from './linter-rules.ts'
import { mechanismsOf, type Mechanism } from './mechanisable.ts'

export type Enforcement = { readonly kind: 'enforced'; readonly by: readonly string[] } | Possible | { readonly kind: 'prose' }

export interface Possible {
  readonly kind: 'possible'
  /** A built-in check. */
  readonly check: string | null
  /** A rule of a linter. */
  readonly rule: string | null
  readonly limit: string | null
  /** What enforces another part of the sentence already. */
  readonly by: readonly string[]
}

/** Whether a machine already says what a sentence says, could say it, or only people and models can judge it. */
export function enforcementOf(text: string, setup: LinterSetup): Enforcement {
  const found = mechanismsOf(text).map((mechanism) => ({ mechanism, by: enforcer(mechanism, setup) }))
  const by = [...new Set(found.flatMap((one) => (one.by === null ? [] : [one.by])))]
  const open = found.find((one) => one.by === null)?.mechanism
  if (open !== undefined)
    return { kind: 'possible', check: open.check, rule: open.linterRules[0] ?? null, limit: open.limit ?? null, by }
  return found.length === 0 ? { kind: 'prose' } : { kind: 'enforced', by }
}

function enforcer(mechanism: Mechanism, setup: LinterSetup): string | null {
  const matching = setup.rules.filter((one) =>
    mechanism.linterRules.some((name) => one.name === name || one.name.endsWith(`/${name}`)),
  )
  const rule = matching.find((one) => one.isEverywhere) ?? matching[0]
  if (rule !== undefined) return `${rule.linter} ${rule.name}${rule.isEverywhere ? '' : ' in part of the tree'}`
  const [formatter] = setup.formatters
  return mechanism.byFormatter === true && formatter !== undefined ? `the formatter of ${formatter}` : null
}
