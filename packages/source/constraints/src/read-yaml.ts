import { explainIssue } from '@coxswain/kernel'
import { LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { nearestWord } from './nearest-word.ts'
import type { Problem } from './problem.ts'

export interface YamlSource {
  readonly text: string
  /** The path that problems name. */
  readonly file: string
  /** The file's line of the text's first line. */
  readonly firstLine: number
}

export interface YamlSchema<T> {
  readonly schema: z.ZodType<T>
  /** The keys allowed at a path, for suggestions. */
  knownKeys(path: readonly PropertyKey[]): readonly string[]
}

export type YamlResult<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value: null; readonly problems: readonly Problem[] }

type Issue = z.core.$ZodIssue

/** Parses YAML against a schema; every problem carries the line of the offending value and, for a key, the nearest known one. */
export function readYaml<T>(source: YamlSource, schema: YamlSchema<T>): YamlResult<T> {
  const lines = new LineCounter()
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) =>
      problemAt(source, lines.linePos(error.pos[0]).line, 'YAML_INVALID', `This is not YAML: ${error.message}`),
    )
    return { value: null, problems }
  }
  const value = plainValue(document)
  const parsed = schema.schema.safeParse(value)
  if (parsed.success) return { value: parsed.data, problems: [] }
  const place = {
    line: (path: Path) => lineOf(document, lines, path),
    value: (path: Path) => document.getIn(path),
    words: ({ issue, path }: Leaf) => explainIssue({ ...issue, path }, value),
  }
  const leaves = parsed.error.issues.flatMap((issue) => leafIssues(issue))
  const meant = leaves.flatMap((leaf) => meantKeys(leaf, schema))
  const problems = leaves
    .filter((leaf) => !isMissing(leaf.issue) || !meant.some((path) => stands(path, leaf)))
    .flatMap((leaf) => describeIssue(source, leaf, { schema, ...place }))
  return { value: null, problems }
}

/** Aliases are refused by their expansion limit: a hundred is far more than front matter needs. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    if (error instanceof ReferenceError) return null
    throw error
  }
}

type Path = readonly PropertyKey[]

interface Leaf {
  readonly issue: Issue
  readonly path: Path
  /** Which branch of a union was meant is a guess, and so is what it lacks. */
  readonly isGuess: boolean
}

type KnownKeys = Pick<YamlSchema<unknown>, 'knownKeys'>

function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.message.includes('received undefined')
}

/** A key that is there in a misspelt form is not missing as well. */
function stands(meant: Path, { path, isGuess }: Leaf): boolean {
  return pathText(isGuess ? meant.slice(0, -1) : meant) === pathText(isGuess ? path.slice(0, -1) : path)
}

/** The paths that unknown keys probably stand for. */
function meantKeys({ issue, path }: Leaf, schema: KnownKeys): Path[] {
  if (issue.code !== 'unrecognized_keys') return []
  return issue.keys.flatMap((key) => {
    const near = nearestWord(key, schema.knownKeys(path))
    return near === null ? [] : [[...path, near]]
  })
}

/** Of a union, only the branch that the author most likely meant; the others say nothing useful. */
function leafIssues(issue: Issue, prefix: Path = [], isGuess = false): Leaf[] {
  const path = [...prefix, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path, isGuess }]
  const ranked = issue.errors.toSorted((a, b) => strangeness(a) - strangeness(b))
  return (ranked[0] ?? []).flatMap((inner) => leafIssues(inner, path, true)).slice(0, 3)
}

function strangeness(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 10 * issue.keys.length : 0) + (issue.path.length === 0 ? 2 : 1),
    0,
  )
}

interface Described {
  readonly schema: KnownKeys
  readonly line: (path: Path) => number
  readonly value: (path: Path) => unknown
  readonly words: (leaf: Leaf) => string
}

function describeIssue(source: YamlSource, leaf: Leaf, { schema, line, value, words }: Described): Problem[] {
  const { issue, path } = leaf
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = schema.knownKeys(path)
      const near = nearestWord(key, known)
      const hint = near === null ? `Use one of: ${known.join(', ')}.` : `Did you mean \`${near}\`?`
      return {
        ...problemAt(source, line([...path, key]), 'KEY_UNKNOWN', `\`${pathText([...path, key])}\` is not a known key`),
        hint,
      }
    })
  }
  const last = path.at(-1)
  const where = path.length === 0 ? 'The file' : `\`${pathText(path)}\``
  if (isMissing(issue)) {
    const problem = problemAt(source, line(path.slice(0, -1)), 'KEY_MISSING', `\`${pathText(path)}\` is missing`)
    return [{ ...problem, hint: `Add \`${String(last)}\`.` }]
  }
  const problem = problemAt(source, line(path), 'VALUE_INVALID', `${where}: ${words(leaf)}`)
  const hint = hintFor(issue, value(path))
  return [hint === null ? problem : { ...problem, hint }]
}

/** What was most likely meant, where that can be told. */
function hintFor(issue: Issue, found: unknown): string | null {
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const known = issue.values.map(String)
    const near = nearestWord(found, known) ?? known.find((word) => word.startsWith(found)) ?? null
    return near === null ? null : `Did you mean \`${near}\`?`
  }
  const isListWanted = issue.code === 'invalid_type' && issue.expected === 'array'
  return isListWanted && typeof found === 'string' ? `Write it as a list: [${JSON.stringify(found).replaceAll('"', "'")}].` : null
}

function problemAt(source: YamlSource, line: number, code: string, message: string): Problem {
  const hint = 'Correct this line; `cox constraint new <id>` writes a valid file to compare with.'
  return { severity: 'error', code, file: source.file, line: source.firstLine + line - 1, message, hint }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length))
    if (offset !== null) return lines.linePos(offset).line
  }
  return 1
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const key = path.at(-1)
  if (isRecordOf(parent, 'items') && Array.isArray(parent.items)) {
    for (const item of parent.items) {
      if (isRecordOf(item, 'key') && isRecordOf(item.key, 'value') && item.key.value === key) return rangeStart(item.key)
    }
  }
  return rangeStart(document.getIn(path, true))
}

function rangeStart(node: unknown): number | null {
  const start: unknown = isRecordOf(node, 'range') && Array.isArray(node.range) ? node.range[0] : null
  return typeof start === 'number' ? start : null
}

function isRecordOf<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part + 1}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
