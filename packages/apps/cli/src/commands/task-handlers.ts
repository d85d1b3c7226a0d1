import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { counted, CoxError, mapLimit } from '@coxswain/kernel'
import { isEnded, TaskId, type RunId } from '@coxswain/model'
import type { AddTaskParams, TaskListResponse } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present, toBudget, type BudgetFlags, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { agentLabel, plain, plainBlock, renderRunLine, suspendedWords, table } from '@coxswain/terminal'

export interface TaskFlags extends CommonFlags, BudgetFlags {
  readonly agent?: string
  readonly package?: string
  readonly priority?: number
  readonly land?: boolean
  readonly redBase?: boolean
}

export async function addTask(
  this: CliContext,
  flags: TaskFlags & { readonly file?: string },
  ...words: readonly string[]
): Promise<void> {
  await present(this, flags, async () => {
    const text = await taskText(this, flags.file, words)
    await using connection = await connect(flags.directory)
    const { task, runs, warnings } = await connection.client.addTask({
      ...toParams(flags),
      text,
      origin: flags.file === undefined || flags.file === '-' ? 'cli' : `file:${basename(flags.file)}`,
    })
    const next = connection.address.isEphemeral ? '\nStart working on it: cox up' : ''
    warn(this, warnings)
    return { json: { task, run: runs[0] ?? null, warnings }, text: `${task.id} added: ${plain(task.title)}${next}` }
  })
}

export async function importTasks(this: CliContext, flags: TaskFlags, folder: string): Promise<void> {
  await present(this, flags, async () => {
    const files = await markdownFiles(resolve(folder))
    // All of them are read before any is added.
    const texts = new Map(await mapLimit(files, 8, async (file) => [file, await readTaskFile(file)] as const))
    await using connection = await connect(flags.directory)
    const before = new Set((await connection.client.listTasks()).tasks.map(({ task }) => task.id))
    // One at a time: the order of the files is the order of the ids.
    const added = await mapLimit(files, 1, async (file) => {
      const text = texts.get(file) ?? ''
      const title = (/^#\s+(.+)$/m.exec(text)?.[1] ?? basename(file, '.md')).slice(0, 200)
      return connection.client.addTask({
        ...toParams(flags),
        text,
        title,
        origin: `file:${basename(file)}`,
        key: importKey(file, text),
      })
    })
    const fresh = added.filter(({ task }) => !before.has(task.id))
    const warnings = [...new Set(added.flatMap((response) => response.warnings))]
    warn(this, warnings)
    return {
      json: { tasks: added.map(({ task }) => task), added: fresh.length, warnings },
      text: `${fresh.length} of ${counted(files.length, 'task')} added${fresh.length < files.length ? '; the others were there already' : ''}`,
    }
  })
}

/** On stderr: what is wrong, while the work was done all the same. */
export function warn({ process }: CliContext, warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${plainBlock(warning)}\n`)
}

/** The same file with the same content is the same task. */
function importKey(file: string, text: string): string {
  return `import ${createHash('sha256')
    .update(JSON.stringify([file, text]))
    .digest('hex')}`
}

export async function listTasks(this: CliContext, flags: CommonFlags & { readonly all?: boolean }): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory, { isReading: true })
    const { tasks } = await connection.client.listTasks()
    const shown = flags.all
      ? tasks
      : tasks.filter(
          ({ task, run }) => task.state !== 'cancelled' && task.state !== 'done' && !(run !== null && isEnded(run.state)),
        )
    const { suspended } = await connection.client.status()
    return { json: { tasks: shown, suspended }, text: renderList(shown, { total: tasks.length, suspended }) }
  })
}

export async function showTask(this: CliContext, flags: CommonFlags, id: string): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory, { isReading: true })
    const { task, runs } = await connection.client.getTask(parseTaskId(id))
    const { suspended } = await connection.client.status()
    return {
      json: { task, runs, suspended: runs.map((run) => run.id).filter((run) => suspended.includes(run)) },
      text: [
        `${task.id} ${task.state}: ${plain(task.title)}`,
        `origin ${plain(task.origin)}, priority ${task.priority}`,
        '',
        plainBlock(task.text.trim()),
        '',
        ...runs.map((run) => (suspended.includes(run.id) ? renderRunLine(run, suspendedWords) : renderRunLine(run))),
      ].join('\n'),
    }
  })
}

export async function cancelTask(this: CliContext, flags: CommonFlags, id: string): Promise<void> {
  await present(this, flags, async () => {
    await using connection = await connect(flags.directory)
    const { task, runs } = await connection.client.cancelTask(parseTaskId(id))
    return { json: { task, runs }, text: `${task.id} cancelled` }
  })
}

export function toParams(flags: TaskFlags): Omit<AddTaskParams, 'text'> {
  return {
    priority: flags.priority ?? 0,
    package: flags.package ?? null,
    agent: flags.agent ?? null,
    budget: toBudget(flags),
    mayLand: flags.land ?? false,
    acceptsRedBase: flags.redBase ?? false,
  }
}

/** The words of the command line, or a file, or what is piped in. */
export async function taskText({ process }: CliContext, file: string | undefined, words: readonly string[]): Promise<string> {
  if (file !== undefined && words.length > 0)
    throw new CoxError(
      'USAGE',
      `There is a task in ${file === '-' ? 'what is piped in' : file} and one in "${words.join(' ').slice(0, 60)}"`,
      {
        hint: 'Give either the words or --file.',
      },
    )
  const text = file === undefined ? words.join(' ') : file === '-' ? await readAll(process.stdin) : await readTaskFile(file)
  if (text.trim() === '')
    throw new CoxError('TASK_EMPTY', 'The task has no text', { hint: 'Say what is to be done: cox run "…", or --file task.md.' })
  return text
}

async function readTaskFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CoxError('FILE_UNREADABLE', `Cannot read ${file}`, { hint: 'Check the path and its permissions.', cause: error })
  })
  if (text.trim() === '')
    throw new CoxError('TASK_EMPTY', `${file} holds no text`, { hint: 'Write what is to be done in it, or remove it.' })
  return text
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

async function markdownFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new CoxError('FOLDER_MISSING', `Cannot read the folder ${folder}`, {
      hint: 'Name a folder of Markdown files.',
      cause: error,
    })
  })
  const files = names.filter((name) => name.endsWith('.md')).toSorted()
  if (files.length === 0)
    throw new CoxError('TASK_EMPTY', `${folder} holds no Markdown file`, { hint: 'Write one file a task, ending in .md.' })
  return files.map((name) => join(folder, name))
}

export function parseTaskId(text: string): TaskId {
  const parsed = TaskId.safeParse(text)
  if (!parsed.success)
    throw new CoxError('TASK_NOT_FOUND', `"${text}" is not a task's id`, {
      hint: 'Ids look like t3; list them with `cox task list`.',
    })
  return parsed.data
}

function renderList(
  rows: TaskListResponse['tasks'],
  { total, suspended }: { readonly total: number; readonly suspended: readonly RunId[] },
): string {
  if (rows.length === 0)
    return total === 0 ? 'No tasks yet. Add one: cox task add "…"' : 'No open tasks. All of them: cox task list --all'
  return table(
    ['task', 'run', 'state', 'agent', 'title'],
    rows.map(({ task, run }) => [
      task.id,
      run?.id ?? '',
      run === null ? task.state : suspended.includes(run.id) ? suspendedWords : run.state,
      agentLabel(run?.agent ?? task.agent ?? '').slice(0, 24),
      task.title.slice(0, 70),
    ]),
  )
}
