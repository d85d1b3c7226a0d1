import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { CoxError } from '@coxswain/kernel'
import { readTaskHead, type TaskHead } from '@coxswain/steering'

export interface TaskFile {
  /** The whole file. */
  readonly source: string
  /** Without its front matter. */
  readonly text: string
  readonly head: TaskHead
  readonly warnings: readonly string[]
}

/** A Markdown file as a task. @throws CoxError FILE_UNREADABLE, TASK_EMPTY, TASK_INVALID */
export async function readTaskFile(file: string): Promise<TaskFile> {
  const source = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CoxError('FILE_UNREADABLE', `Cannot read ${file}`, { hint: 'Check the path and its permissions.', cause: error })
  })
  const { splitFrontMatter } = await import('@coxswain/constraints')
  const { yaml, yamlLine, body, isUnclosed } = splitFrontMatter(source)
  const read = yaml === null || isUnclosed ? null : readTaskHead(yaml, { file: basename(file), line: yamlLine })
  const { head, warnings } = read ?? { head: {}, warnings: [] }
  const text = read === null ? source : body
  if (text.trim() === '')
    throw new CoxError('TASK_EMPTY', `${file} holds no text`, { hint: 'Write what is to be done in it, or remove it.' })
  return { source, text, head, warnings }
}

/** Its title, or its first heading; where it has none, the daemon takes the first line. */
export function titleOf({ head, text }: Pick<TaskFile, 'head' | 'text'>): string | undefined {
  return head.title ?? /^#{1,6}[ \t]+(\S.*)$/m.exec(text)?.[1]?.slice(0, 200)
}
