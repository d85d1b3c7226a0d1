import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoxError, errorMessage, explainIssue } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { isMap, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { closestName } from './closest-name.ts'

export const configPath = 'harness/harness.yaml'

/** The repository's harness; null when it has none. @throws CoxError CONFIG_INVALID with line, column and suggestion for each problem */
export async function loadConfig(root: string): Promise<HarnessConfig | null> {
  const file = join(root, configPath)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw new CoxError('CONFIG_UNREADABLE', `Cannot read ${configPath}`, { hint: "Check the file's permissions.", cause: error })
  }
  return parseConfig(text)
}

/** @throws CoxError CONFIG_INVALID */
export function parseConfig(text: string): HarnessConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const syntax = document.errors[0]
  if (syntax !== undefined) throw invalid([{ ...position(lines, syntax.pos[0]), problem: syntax.message }])
  const value = plainValue(document) ?? {}
  const parsed = HarnessConfig.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.flatMap((issue) => describeIssue(issue, { document, lines, value })))
}

/** Aliases without an anchor are told only when values are built. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw invalid([{ line: 1, column: 1, problem: errorMessage(error) }])
  }
}

interface Problem {
  readonly line: number
  readonly column: number
  readonly problem: string
}

interface Source {
  readonly document: Document
  readonly lines: LineCounter
  readonly value: unknown
}

function describeIssue(issue: z.core.$ZodIssue, { document, lines, value }: Source): Problem[] {
  const at = (path: readonly PropertyKey[]): { line: number; column: number } => position(lines, offsetOf(document, path))
  const name = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = closestName(key, knownKeys(issue.path))
      return {
        ...at([...issue.path, key]),
        problem: `unknown key "${key}"${name === '' ? '' : ` in ${name}`}${known === null ? '' : `; did you mean "${known}"?`}`,
      }
    })
  }
  return [{ ...at(issue.path), problem: `${name || 'the file'}: ${explainIssue(issue, value)}` }]
}

/** Keys that the schema knows at a path, read from its own definition so that they never disagree. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = HarnessConfig
  for (const key of path) schema = step(unwrap(schema), key)
  const shape = property(unwrap(schema), 'shape')
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
}

function unwrap(schema: unknown): unknown {
  let current = schema
  for (;;) {
    const inner = property(property(current, 'def'), 'innerType') ?? property(property(current, 'def'), 'in')
    if (inner === undefined || property(current, 'shape') !== undefined) return current
    current = inner
  }
}

function step(schema: unknown, key: PropertyKey): unknown {
  return (
    property(property(schema, 'shape'), key) ??
    property(property(schema, 'def'), 'element') ??
    property(property(schema, 'def'), 'valueType')
  )
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** Where the deepest existing part of a path stands; a key rather than its value, where there is one. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const keys = path.slice(0, length)
    const parent = length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
    if (isMap(parent)) {
      const pair = parent.items.find((item) => String(item.key) === String(keys.at(-1)))
      const offset = property(property(pair?.key, 'range'), 0)
      if (typeof offset === 'number') return offset
    }
    const offset = property(property(document.getIn(keys, true), 'range'), 0)
    if (typeof offset === 'number') return offset
  }
  return 0
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function invalid(problems: readonly Problem[]): CoxError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const list = sorted.map(({ line, column, problem }) => `${configPath}:${line}:${column} ${problem}`)
  return new CoxError('CONFIG_INVALID', list.join('\n'), {
    hint: 'Correct the file; `cox init --print` shows every key with its default.',
    data: { problems: sorted },
  })
}
