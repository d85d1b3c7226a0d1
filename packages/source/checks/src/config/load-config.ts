import { loadZod } from '@coxswain/facts'
import { CoxError, explainIssue } from '@coxswain/kernel'
import { architectureFile, rules, type AnyRule, type ArchitectureFile } from '@coxswain/rules'
import picomatch from 'picomatch'
import {
  checkConfigFile,
  type CheckConfigFile,
  type ConfiguredExemption,
  type RuleEntry,
  type TeamPattern,
} from './check-config.ts'
import { lineIn, parseConfigFile, suggest } from './parse-config-file.ts'

export interface ActiveRule {
  readonly rule: AnyRule
  readonly severity: 'error' | 'warning'
  readonly options: unknown
  readonly see: string
  readonly covers: (path: string) => boolean
}

export interface CheckConfig {
  readonly rules: readonly ActiveRule[]
  readonly architecture: ArchitectureFile
  readonly exemptions: readonly ConfiguredExemption[]
  /** What no rule looks at: as the file says, and what machines write. */
  readonly excludes: (path: string) => boolean
  readonly patterns: readonly TeamPattern[]
  readonly oxlint: 'auto' | 'off' | 'typed'
  readonly reportTokens: number
  /** Without a harness nothing can fail: everything is a warning. */
  readonly hasHarness: boolean
}

/** The rule of a constraint that cannot be read. */
export const constraintFileRule = 'constraint-file'

export const configFiles = { checks: 'harness/checks.yaml', architecture: 'harness/architecture.yaml' } as const

/** Written by machines for machines: nobody can mend these files by hand. */
const generated = [
  '**/*.generated.*',
  '**/*.gen.*',
  '**/generated/**',
  '**/__generated__/**',
  '**/vendor/**',
  '**/vendored/**',
  '**/third_party/**',
  '**/dist/**',
  '**/*.min.*',
  '**/.yarn/**',
  '**/node_modules/**',
  '**/*.snap',
]

/** The two files as they were read; plain data. */
export interface ParsedConfig {
  readonly checks: CheckConfigFile
  readonly architecture: ArchitectureFile
  readonly hasHarness: boolean
  /** By rule, as they were read from the same text before. */
  readonly options?: Readonly<Record<string, unknown>>
}

type ReadFile = (path: string) => string | null

/** @throws CoxError CONFIG_INVALID */
export function parseConfig(read: ReadFile): ParsedConfig {
  const [checks, architecture] = [read(configFiles.checks), read(configFiles.architecture)]
  return {
    checks: parseConfigFile(configFiles.checks, checks ?? '', checkConfigFile()),
    architecture: parseConfigFile(configFiles.architecture, architecture ?? '', architectureFile()),
    hasHarness: checks !== null || architecture !== null,
  }
}

/** What the harness says, or the defaults. @throws CoxError CONFIG_INVALID, RULE_UNKNOWN */
export function loadConfig(read: ReadFile, only: readonly string[] = [], parsed: ParsedConfig = parseConfig(read)): CheckConfig {
  const { checks: file, architecture, hasHarness, options = {} } = parsed
  const placeOf = (...path: PropertyKey[]): string => `${configFiles.checks}:${lineIn(read(configFiles.checks) ?? '', path)}`
  const place = (...path: PropertyKey[]): string => placeOf('rules', ...path)
  refuseUnknown(file, { only, read, placeOf })
  const everywhere = lazyMatcher(() => picomatch([...generated, ...file.exclude], { dot: true }))
  return {
    rules: rules.flatMap((rule) => activate(rule, { file, only, hasHarness, everywhere, known: options[rule.id], place })),
    architecture,
    exemptions: file.exemptions,
    excludes: everywhere,
    patterns: file.patterns.filter((pattern) => only.length === 0 || only.includes(pattern.id)),
    oxlint: only.length === 0 ? file.oxlint : 'off',
    reportTokens: file.report.tokens,
    hasHarness,
  }
}

interface Asked {
  readonly only: readonly string[]
  readonly read: ReadFile
  readonly placeOf: (...path: PropertyKey[]) => string
}

/** @throws CoxError RULE_UNKNOWN */
function refuseUnknown(file: CheckConfigFile, { only, read, placeOf }: Asked): void {
  const known = [...rules.map((rule) => rule.id), ...file.patterns.map(({ id }) => id)]
  const isKnown = (id: string): boolean => known.includes(id)
  const isConstraint = (id: string): boolean => read(`harness/constraints/${id}.md`) !== null
  const refuse = (id: string, what: string): never => {
    throw new CoxError('RULE_UNKNOWN', what, { hint: suggest(id, known) })
  }
  for (const id of Object.keys(file.rules)) if (!isKnown(id)) refuse(id, `${placeOf('rules', id)}: there is no rule "${id}"`)
  for (const [at, { rule: id }] of file.exemptions.entries())
    if (!isKnown(id) && !isConstraint(id)) refuse(id, `${placeOf('exemptions', at, 'rule')}: there is no rule "${id}"`)
  for (const id of only)
    if (!isKnown(id) && !isConstraint(id) && id !== constraintFileRule) refuse(id, `There is no rule "${id}"`)
}

interface Activation {
  readonly file: CheckConfigFile
  readonly only: readonly string[]
  readonly hasHarness: boolean
  readonly everywhere: Matcher
  /** Its options, when they have been read before. */
  readonly known: unknown
  /** File and line of what stands below `rules`. */
  readonly place: (...path: PropertyKey[]) => string
}

type Matcher = (path: string) => boolean

/** Patterns are compiled when there is a finding to ask them about. */
function lazyMatcher(compile: () => Matcher): Matcher {
  let matches: Matcher | undefined
  return (path) => (matches ??= compile())(path)
}

function activate(rule: AnyRule, { file, only, hasHarness, everywhere, known, place }: Activation): ActiveRule[] {
  const entry: RuleEntry = file.rules[rule.id] ?? {}
  const { severity, include, exclude, see, ...own } = entry
  const isConfigured = file.rules[rule.id] !== undefined
  const isAsked = only.includes(rule.id)
  if (only.length > 0 && !isAsked) return []
  const unnamed = rule.severity === 'off' ? (isAsked ? 'warning' : 'off') : (file.defaults ?? rule.severity)
  const chosen = severity ?? (isConfigured ? 'error' : unnamed)
  if (chosen === 'off') return []
  const isIncluded = include === undefined ? () => true : lazyMatcher(() => picomatch([...include], { dot: true }))
  const left = [...(include === undefined ? (rule.exclude ?? []) : []), ...(exclude ?? [])]
  const isLeftOut = lazyMatcher(() => picomatch(left, { dot: true }))
  return [
    {
      rule,
      severity: hasHarness ? chosen : 'warning',
      options: known ?? parseOptions(rule, own, place),
      see: see ?? `docs/rules/${rule.id}.md`,
      covers: (path) => isIncluded(path) && !isLeftOut(path) && !everywhere(path),
    },
  ]
}

function parseOptions(rule: AnyRule, own: Readonly<Record<string, unknown>>, place: Activation['place']): unknown {
  const schema = rule.options(loadZod())
  const result = schema.safeParse(own)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const known = 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape) : []
  const unknown = issue?.code === 'unrecognized_keys' ? [String(issue.keys[0])] : []
  const [key] = unknown
  const hint =
    key === undefined
      ? `\`cox check --explain ${rule.id}\` lists its options.`
      : suggest(key, ['severity', 'include', 'exclude', 'see', ...known])
  const path = issue?.path ?? []
  const what = issue === undefined ? 'invalid' : explainIssue(issue, own)
  const name = ['rules', rule.id, ...path].join('.')
  throw new CoxError('CONFIG_INVALID', `${place(rule.id, ...path, ...unknown)}: ${name}: ${what}`, { hint })
}
