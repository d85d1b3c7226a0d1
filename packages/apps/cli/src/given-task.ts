import { basename, resolve } from 'node:path'
import { CoxError } from '@coxswain/kernel'
import type { AddTaskParams } from '@coxswain/protocol'
import type { CliContext } from './cli-context.ts'
import { toBudget, type BudgetFlags, type CommonFlags } from './common-flags.ts'
import { readTaskFile, titleOf, type TaskFile } from './task-file.ts'

export interface TaskFlags extends CommonFlags, BudgetFlags {
  readonly agent?: string
  readonly package?: string
  readonly priority?: number
  readonly land?: boolean
  readonly redBase?: boolean
}

export interface GivenTask {
  readonly params: AddTaskParams
  readonly warnings: readonly string[]
}

/** The words of the command line, or a file, or what is piped in; what a flag says wins over the file's front matter. */
export async function givenTask(
  { process }: CliContext,
  flags: TaskFlags & { readonly file?: string },
  words: readonly string[],
): Promise<GivenTask> {
  const { file } = flags
  if (file !== undefined && words.length > 0)
    throw new CoxError(
      'USAGE',
      `There is a task in ${file === '-' ? 'what is piped in' : file} and one in "${words.join(' ').slice(0, 60)}"`,
      {
        hint: 'Give either the words or --file.',
      },
    )
  if (file !== undefined && file !== '-') {
    const task = await readTaskFile(file)
    return { params: fileParams(flags, file, task), warnings: task.warnings }
  }
  const text = file === undefined ? words.join(' ') : await readAll(process.stdin)
  if (text.trim() === '')
    throw new CoxError('TASK_EMPTY', 'The task has no text', { hint: 'Say what is to be done: cox run "…", or --file task.md.' })
  return { params: { ...toParams(flags), text, origin: 'cli' }, warnings: [] }
}

/** A file is data: what it may not say, such as that it lands by itself, only a flag says. */
export function fileParams(flags: TaskFlags, file: string, task: TaskFile): AddTaskParams {
  const { head, text } = task
  const title = titleOf(task)
  const { tokens, usd, time } = head.budget ?? {}
  const budget = {
    ...(tokens === undefined ? {} : { tokens }),
    ...(usd === undefined ? {} : { usd }),
    ...(time === undefined ? {} : { timeMs: time }),
  }
  return {
    ...toParams(flags),
    priority: flags.priority ?? head.priority ?? 0,
    package: flags.package ?? head.package ?? null,
    agent: flags.agent ?? head.agent ?? null,
    budget: { ...budget, ...toBudget(flags) },
    text,
    ...(title === undefined ? {} : { title }),
    origin: `file:${basename(file)}`,
  }
}

export function toParams(flags: TaskFlags): Omit<AddTaskParams, 'text'> {
  return {
    checkout: resolve(flags.directory ?? '.'),
    priority: flags.priority ?? 0,
    package: flags.package ?? null,
    agent: flags.agent ?? null,
    budget: toBudget(flags),
    mayLand: flags.land ?? false,
    acceptsRedBase: flags.redBase ?? false,
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
