import { CoxError, errorMessage, explainIssue, parseDuration } from '@coxswain/kernel'
import { isMap, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { closestName } from './closest-name.ts'

const duration = z.string().transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: errorMessage(error) })
    return z.NEVER
  }
})

const shape = {
  title: z.string().min(1).max(500).optional(),
  /** Lower runs first. */
  priority: z.int().min(-1000).max(1000).optional(),
  /** Folder from the repository's root. */
  package: z.string().min(1).optional(),
  agent: z.string().min(1).optional(),
  budget: z
    .strictObject({ tokens: z.int().positive().optional(), usd: z.number().positive().optional(), time: duration.optional() })
    .optional(),
} as const

/** What the front matter of a task's file says; `budget.time` in milliseconds. Whether a task may land by itself is never a file's to say. */
export const TaskHead = z.object(shape)
export type TaskHead = z.infer<typeof TaskHead>

export interface ReadTaskHead {
  readonly head: TaskHead
  /** Keys that mean nothing here: files of other trackers have their own. */
  readonly warnings: readonly string[]
}

/**
 * Reads front matter: YAML between two lines of `---`. Null where it is no mapping: then the lines are only rules drawn across a text.
 * @throws CoxError TASK_INVALID with the file's line
 */
export function readTaskHead(
  yaml: string,
  { file, line }: { readonly file: string; readonly line: number },
): ReadTaskHead | null {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line + line - 1}`
  const syntax = document.errors[0]
  if (syntax !== undefined) throw invalid(`${at(syntax.pos[0])}: ${syntax.message}`)
  const { contents } = document
  if (!isMap(contents)) return null
  const value = plainValue(document, at(0))
  const parsed = TaskHead.safeParse(value)
  const offsetOf = (key: unknown): number => contents.items.find((pair) => String(pair.key) === key)?.value?.range?.[0] ?? 0
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${at(offsetOf(issue.path[0]))}: ${issue.path.join('.')}: ${explainIssue(issue, value)}`,
    )
    throw invalid(problems.join('; '))
  }
  const unknown = contents.items.map((pair) => String(pair.key)).filter((key) => !Object.hasOwn(shape, key))
  return { head: parsed.data, warnings: unknown.map((key) => `${file}: "${key}" means nothing here${suggestion(key)}`) }
}

/** Aliases without an anchor, and too many of them, are told only when values are built. */
function plainValue(document: Document, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    throw invalid(`${place}: ${errorMessage(error)}`)
  }
}

function suggestion(key: string): string {
  const known = closestName(key, Object.keys(shape))
  return known === null ? '' : `; did you mean "${known}"?`
}

function invalid(problems: string): CoxError {
  return new CoxError('TASK_INVALID', `The task cannot be read: ${problems}`, {
    hint: `Known keys: ${Object.keys(shape).join(', ')}. \`budget\` holds tokens, usd and time (such as 20m).`,
  })
}
