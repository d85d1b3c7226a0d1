import type { PatternCheck } from './constraint.ts'

/** Words of which a text must hold all of one list for the check to match anything in it; null when that cannot be told. */
export function neededWords(check: PatternCheck): readonly (readonly string[])[] | null {
  if ('pattern' in check) return [wordsOf(check.pattern)]
  return needOf(check.match)
}

/** Whether a text can hold a match. Searching for words costs a thousandth of parsing. */
export function mayMatch(needed: ReturnType<typeof neededWords>, text: string): boolean {
  return needed === null || needed.some((words) => words.every((word) => text.includes(word)))
}

/** Only what the rule surely demands counts: its own pattern, or one for each way of `any`. */
function needOf(rule: Readonly<Record<string, unknown>>): readonly (readonly string[])[] | null {
  const { pattern, any } = rule
  if (typeof pattern === 'string') return [wordsOf(pattern)]
  if (!Array.isArray(any)) return null
  const ways = any.map((one: unknown) => (isRule(one) ? needOf(one) : null))
  return ways.includes(null) ? null : ways.flatMap((way) => way ?? [])
}

function isRule(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Names stand in the text as they stand in the pattern; what follows a `$` stands for something else. */
function wordsOf(pattern: string): string[] {
  return pattern.match(/(?<![\w$])[A-Za-z]\w{2,}(?![\w$])/g) ?? []
}
