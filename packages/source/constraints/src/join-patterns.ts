import type { NapiConfig, SgNode } from '@ast-grep/napi'

/** A rule that finds what any of several finds, and tells which did. */
export interface JoinedRule {
  readonly config: NapiConfig
  /** Places, in the list that was joined, of the patterns that match a node it found. */
  readonly matching: (node: SgNode) => number[]
}

/**
 * Reading a rule costs ast-grep more than searching a file with it, so many rules become one that is read once for many files. Each
 * rule labels the node it matches; names are made unique, because alternatives share what they bind. Null for rules that constrain
 * their names: a constraint would hold for all of them.
 */
export function joinPatterns(configs: readonly NapiConfig[]): JoinedRule | null {
  if (configs.some((config) => config.constraints !== undefined)) return null
  const rules = configs.map((config, index) => withOwnNames(config.rule, { index, key: 'rule' }))
  const labelled = rules.map((rule, index) => ({ any: [{ all: [rule, { pattern: `$${labelOf(index)}` }] }, { regex: '' }] }))
  // Rule objects come from data; ast-grep validates them when it runs them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const config = { rule: { all: [{ any: rules }, ...labelled] } } as NapiConfig
  return { config, matching: (node) => configs.flatMap((_, index) => (node.getMatch(labelOf(index)) === null ? [] : [index])) }
}

function labelOf(index: number): string {
  return `COX_HIT_${index}`
}

interface Owner {
  readonly index: number
  /** Of the rule object that holds the value: only patterns hold names. */
  readonly key: string
}

function withOwnNames(value: unknown, owner: Owner): unknown {
  if (typeof value === 'string') return owner.key === 'pattern' || owner.key === 'context' ? renamed(value, owner.index) : value
  if (Array.isArray(value)) return value.map((one: unknown) => withOwnNames(one, owner))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withOwnNames(one, { ...owner, key })]))
}

/** `$NAME` and `$$$NAMES`, but not `$_NAME`, which binds nothing. */
function renamed(pattern: string, index: number): string {
  return pattern.replaceAll(/(\${1,3})([A-Z][A-Z0-9_]*)/g, (_, sign: string, name: string) => `${sign}${name}_${index}`)
}
