import { createRequire } from 'node:module'
import { CoxError, errorMessage, explainIssue } from '@coxswain/kernel'
import type { Document, LineCounter } from 'yaml'
import type { z } from 'zod'

type Yaml = typeof import('yaml')
let yaml: Yaml | undefined

/** Reads a configuration file; every error says the line and what was probably meant. @throws CoxError CONFIG_INVALID */
export function parseConfigFile<T>(path: string, text: string, schema: z.ZodType<T>): T {
  // Loaded only when there is something to parse: the next run finds the parsed form.
  yaml ??= createRequire(import.meta.url)('yaml') as Yaml
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) throw unreadable(path, text, { line: lines.linePos(broken.pos[0]).line, message: broken.message })
  const value = valueOf(path, document) ?? {}
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = deepest(result.error.issues[0])
  const at = `${path}:${lineOf(document, issue.path, lines)}`
  const unknown = issue.code === 'unrecognized_keys' ? String(issue.keys[0]) : null
  if (unknown !== null)
    throw invalid(
      `${path}:${lineOf(document, [...issue.path, unknown], lines)}`,
      `"${unknown}" is not a key here`,
      suggestKey(unknown, schema),
    )
  throw invalid(
    at,
    `${issue.path.join('.') || 'the file'}: ${explainIssue(issue, value)}`,
    'Correct the value at this line; `cox check --explain <rule>` lists a rule’s options.',
  )
}

function unreadable(path: string, text: string, broken: { readonly line: number; readonly message: string }): CoxError {
  const conflict = text.split('\n').findIndex((line) => line.startsWith('<<<<<<< '))
  return conflict === -1
    ? invalid(`${path}:${broken.line}`, broken.message.split('\n')[0] ?? 'is not YAML', 'Repair the YAML at this line.')
    : invalid(`${path}:${conflict + 1}`, 'the file has merge-conflict markers', 'Resolve the conflict, then check again.')
}

/** Aliases that grow without end are refused by the parser. */
function valueOf(path: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw invalid(`${path}:1`, errorMessage(error), 'Write the values out, without aliases.')
  }
}

/** The line of a value that was found wrong later than its file was read. */
export function lineIn(text: string, path: readonly PropertyKey[]): number {
  yaml ??= createRequire(import.meta.url)('yaml') as Yaml
  const lines = new yaml.LineCounter()
  return lineOf(yaml.parseDocument(text, { lineCounter: lines }), path, lines)
}

type Issue = z.core.$ZodIssue

/** The most telling issue inside a union. */
function deepest(issue: Issue | undefined): Issue {
  if (issue === undefined) throw new Error('a failed parse has an issue')
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0]
  return inner === undefined ? issue : deepest({ ...inner, path: [...issue.path, ...inner.path] })
}

function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const keys = path.slice(0, length)
    const parent: unknown = length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
    const key = keyNode(parent, keys.at(-1))
    const node = key ?? document.getIn(keys, true)
    const range = hasRange(node) ? node.range : null
    if (range !== null) return lines.linePos(range[0]).line
  }
  return 1
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function keyNode(parent: unknown, key: PropertyKey | undefined): unknown {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items)) return undefined
  const pair: unknown = parent.items.find(
    (item: unknown) => typeof item === 'object' && item !== null && 'key' in item && String(item.key) === String(key),
  )
  return typeof pair === 'object' && pair !== null && 'key' in pair ? pair.key : undefined
}

function suggestKey(unknown: string, schema: z.ZodType): string {
  const known = 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape) : []
  return suggest(unknown, known)
}

/** "Did you mean": the known word with the fewest differing letters. */
export function suggest(word: string, known: readonly string[]): string {
  // An ending that is wrong, as in a plural, is one mistake however long it is.
  const stem = word.slice(0, Math.max(4, Math.ceil(word.length * 0.75)))
  const ranked = known
    .map((candidate) => ({ candidate, distance: candidate.startsWith(stem) ? 1 : editDistance(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(2, word.length / 3)
    ? `Did you mean "${best.candidate}"?`
    : `Known: ${known.join(', ')}.`
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}

function invalid(at: string, what: string, hint: string): CoxError {
  return new CoxError('CONFIG_INVALID', `${at}: ${what}`, { hint })
}
