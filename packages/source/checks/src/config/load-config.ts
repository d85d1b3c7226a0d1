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
import { parseConfigFile, suggest } from './parse-config-file.ts'

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
  const ids = rules.map((rule) => rule.id)
  const known = [...ids, ...file.patterns.map(({ id }) => id)]
  const isConstraint = (id: string): boolean => read(`harness/constraints/${id}.md`) !== null
  const named = [...only, ...file.exemptions.map(({ rule }) => rule)].filter((id) => !known.includes(id) && !isConstraint(id))
  const [unknown] = [...Object.keys(file.rules).filter((id) => !known.includes(id)), ...named]
  if (unknown !== undefined)
    throw new CoxError('RULE_UNKNOWN', `There is no rule "${unknown}"`, { hint: suggest(unknown, known) })
  const everywhere = lazyMatcher(() => picomatch([...generated, ...file.exclude], { dot: true }))
  return {
    rules: rules.flatMap((rule) => activate(rule, { file, only, hasHarness, everywhere, known: options[rule.id] })),
    architecture,
    exemptions: file.exemptions,
    excludes: everywhere,
    patterns: file.patterns.filter((pattern) => only.length === 0 || only.includes(pattern.id)),
    oxlint: only.length === 0 ? file.oxlint : 'off',
    reportTokens: file.report.tokens,
    hasHarness,
  }
}

interface Activation {
  readonly file: CheckConfigFile
  readonly only: readonly string[]
  readonly hasHarness: boolean
  readonly everywhere: Matcher
  /** Its options, when they have been read before. */
  readonly known: unknown
}

type Matcher = (path: string) => boolean

/** Patterns are compiled when there is a finding to ask them about. */
function lazyMatcher(compile: () => Matcher): Matcher {
  let matches: Matcher | undefined
  return (path) => (matches ??= compile())(path)
}

function activate(rule: AnyRule, { file, only, hasHarness, everywhere, known }: Activation): ActiveRule[] {
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
      options: known ?? parseOptions(rule, own),
      see: see ?? `docs/rules/${rule.id}.md`,
      covers: (path) => isIncluded(path) && !isLeftOut(path) && !everywhere(path),
    },
  ]
}

function parseOptions(rule: AnyRule, own: Readonly<Record<string, unknown>>): unknown {
  const schema = rule.options(loadZod())
  const result = schema.safeParse(own)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const known = 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape) : []
  const hint =
    issue?.code === 'unrecognized_keys'
      ? suggest(String(issue.keys[0]), ['severity', 'include', 'exclude', 'see', ...known])
      : `\`cox check --explain ${rule.id}\` lists its options.`
  throw new CoxError(
    'CONFIG_INVALID',
    `${configFiles.checks}: rules.${rule.id}.${issue?.path.join('.') ?? ''}: ${issue === undefined ? 'invalid' : explainIssue(issue, own)}`,
    { hint },
  )
}
