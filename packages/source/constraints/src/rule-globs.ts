import { parse } from 'yaml'

/**
 * The globs of a list in one line: `a/**, b/*.{ts,tsx}`. Commas in braces, parentheses, character classes and quotes belong to their glob,
 * and so does one behind a backslash. Null where a brace is never closed: then where a glob ends cannot be told.
 */
export function splitGlobs(text: string): string[] | null {
  const globs: string[] = []
  let [start, depth] = [0, 0]
  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? ''
    if (sign === '{' || sign === '(') depth += 1
    if ((sign === '}' || sign === ')') && depth > 0) depth -= 1
    if (sign === ',' && depth === 0) {
      globs.push(text.slice(start, at))
      start = at + 1
    }
    at += lengthAt(text, { at, isStart: text.slice(start, at).trim() === '' })
  }
  globs.push(text.slice(start))
  return depth > 0 ? null : globs.map((glob) => unquoted(glob.trim())).filter((glob) => glob !== '')
}

/** How far one sign reaches: an escape, a closed character class, a glob in quotes. */
function lengthAt(text: string, { at, isStart }: { readonly at: number; readonly isStart: boolean }): number {
  const rest = text.slice(at)
  if (rest.startsWith('\\')) return Math.min(2, rest.length)
  const whole = (isStart ? /^(["'])[^"']*\1(?=\s*(?:,|$))/.exec(rest) : null) ?? /^\[[!^]?\]?[^\]/{}]*\]/.exec(rest)
  return whole?.[0].length ?? 1
}

function unquoted(glob: string): string {
  return /^(["'])(.*)\1$/.exec(glob)?.[2] ?? glob
}

/** Keys whose values other programs write without the quotes that YAML wants. */
const bareKeys = 'globs|paths|applyTo|description'

/** The front matter of a rule file: YAML, or nearly; null where neither reading gives keys. */
export function readRuleFront(yaml: string): Readonly<Record<string, unknown>> | null {
  const read = readMap(yaml)
  if (read !== null && !Object.values(read).some(isOdd)) return read
  const lines = yaml
    .replaceAll(new RegExp(`^(${bareKeys}):[ \\t]*([^\\s"'|>].*?)[ \\t]*\\r?$`, 'gm'), (whole, key: string, value: string) =>
      /^\[.*\]$/.test(value) && readMap(whole) !== null ? whole : `${key}: ${JSON.stringify(value)}`,
    )
    .replaceAll(
      /^([ \t]*-[ \t]+)([*!&{[@%`].*?)[ \t]*\r?$/gm,
      (_, dash: string, value: string) => `${dash}${JSON.stringify(value)}`,
    )
  return readMap(lines)
}

/** `{a,b}/**` without quotes is a map to YAML, and `!x` a tag. */
function isOdd(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readMap(yaml: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = parse(yaml, { maxAliasCount: 0, logLevel: 'error' })
    if (value === null || value === undefined) return {}
    return typeof value === 'object' && !Array.isArray(value) && !hasTags(yaml) ? { ...value } : null
  } catch {
    return null
  }
}

function hasTags(yaml: string): boolean {
  return new RegExp(`^(?:(?:${bareKeys}):[ \\t]*|[ \\t]*-[ \\t]+)[!&]`, 'm').test(yaml)
}
