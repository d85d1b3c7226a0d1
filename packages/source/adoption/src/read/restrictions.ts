import type { LinterRule } from './linter-rules.ts'

/** What a team forbade by name in its linter, with the words it wrote for it. */
export interface Restriction {
  readonly name: string
  /** What of it is forbidden; empty for all. */
  readonly parts: readonly string[]
  readonly message: string
  /** An ast-grep rule object that finds it; null where the linter's selector is a language of its own. */
  readonly match: Readonly<Record<string, unknown>> | null
  readonly rule: LinterRule
}

/** Reads `no-restricted-imports`, `-globals` and `-syntax`; entries without words of their own say nothing to keep. */
export function restrictionsOf(rule: LinterRule): Restriction[] {
  const kind =
    /(?:^|\/)no-restricted-(imports|globals|syntax)$/.exec(rule.name)?.[1] ??
    (rule.name === 'noRestrictedImports' ? 'imports' : null)
  if (kind === null || !rule.isOn) return []
  return rule.options.flatMap(entriesOf).flatMap((entry): Restriction[] => {
    const names = [entry['name'], entry['selector'], ...listOf(entry['group'])].filter((one) => typeof one === 'string')
    const [name] = names
    const message = entry['message']
    if (name === undefined || typeof message !== 'string') return []
    const parts = listOf(entry['importNames']).filter((part) => typeof part === 'string')
    const match =
      { imports: importMatch(names, parts), globals: { pattern: `${name}($$$ARGUMENTS)` }, syntax: null }[kind] ?? null
    return [{ name, parts, message, match, rule }]
  })
}

/** Options are a list of entries, or `{ paths: entries, patterns: entries }`. */
function entriesOf(option: unknown): Readonly<Record<string, unknown>>[] {
  if (!isRecord(option)) return []
  const lists = [...listOf(option['paths']), ...listOf(option['patterns'])]
  return lists.length > 0 ? lists.filter(isRecord) : [option]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Null for a group that takes names out again. */
function importMatch(names: readonly string[], parts: readonly string[]): Restriction['match'] {
  if (names.some((name) => name.startsWith('!'))) return null
  const module = { kind: 'string', regex: `^.(?:${names.map(moduleExpression).join('|')}).$` }
  if (parts.length === 0) return { kind: 'import_statement', has: module }
  const part = { kind: 'import_specifier', stopBy: 'end', regex: `^(?:${parts.map(escaped).join('|')})\\b` }
  return { kind: 'import_statement', all: [{ has: module }, { has: part }] }
}

function moduleExpression(glob: string): string {
  return glob
    .split(/(\*+)/)
    .map((piece) => (piece === '*' ? '[^/]*' : piece.startsWith('**') ? '.*' : escaped(piece)))
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
