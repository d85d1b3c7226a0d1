import type { LinterRule } from './linter-rules.ts'

/** What a team forbade by name in its linter, with the words it wrote for it. */
export interface Restriction {
  readonly name: string
  /** What of it is forbidden; empty for all. */
  readonly parts: readonly string[]
  readonly message: string
  /** An ast-grep rule object that finds it. */
  readonly match: Readonly<Record<string, unknown>>
  readonly rule: LinterRule
}

/** Reads `no-restricted-imports` and `no-restricted-globals`; entries without words of their own say nothing to keep. */
export function restrictionsOf(rule: LinterRule): Restriction[] {
  const kind =
    /(?:^|\/)no-restricted-(imports|globals)$/.exec(rule.name)?.[1] ?? (rule.name === 'noRestrictedImports' ? 'imports' : null)
  if (kind === null || !rule.isOn) return []
  return rule.options.flatMap(entriesOf).flatMap((entry): Restriction[] => {
    const name = entry['name']
    const message = entry['message']
    if (typeof name !== 'string' || typeof message !== 'string') return []
    const parts = Array.isArray(entry['importNames']) ? entry['importNames'].filter((part) => typeof part === 'string') : []
    return [{ name, parts, message, match: kind === 'imports' ? importMatch(name) : { pattern: `${name}($$$ARGUMENTS)` }, rule }]
  })
}

/** Options are a list of entries, or `{ paths: entries }`. */
function entriesOf(option: unknown): Readonly<Record<string, unknown>>[] {
  if (!isRecord(option)) return []
  return Array.isArray(option['paths']) ? option['paths'].filter(isRecord) : [option]
}

function importMatch(name: string): Readonly<Record<string, unknown>> {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return { kind: 'import_statement', has: { kind: 'string', regex: `^.${escaped}.$` } }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
