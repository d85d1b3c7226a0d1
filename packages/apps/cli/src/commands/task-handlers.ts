import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { counted, CoxError, mapLimit } from '@coxswain/kernel'
import { isEnded, TaskId, type RunId } from '@coxswain/model'
import type { TaskListResponse } from '@coxswain/protocol'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { fileParams, givenTask, type TaskFlags } from '../given-task.ts'
import { readTaskFile } from '../task-file.ts'
import { agentLabel, plain, plainBlock, renderRunLine, suspendedWords, table } from '@coxswain/terminal'

export async function addTask(
  this: CliContext,
  flags: TaskFlags & { readonly file?: string },
  ...words: readonly string[]
): Promise<void> {
  await present(this, flags, async () => {
    const given = await givenTask(this, flags, words)
    await using connection = await connect(flags.directory)
    const { task, runs, warnings } = await connection.client.addTask(given.params)
    const next = connection.address.isEphemeral ? '\nStart working on it: cox up' : ''
    warn(this, [...given.warnings, ...warnings])
    return { json: { task, run: runs[0] ?? null, warnings }, text: `${task.id} added: ${plain(task.title)}${next}` }
  })
}

export async function importTasks(this: CliContext, flags: TaskFlags, folder: string): Promise<void> {
  await present(this, flags, async () => {
    const files = await markdownFiles(resolve(folder))
    // All of them are read before any is added.
    const tasks = await mapLimit(files, 8, async (file) => ({ file, task: await readTaskFile(file) }))
    await using connection = await connect(flags.directory)
    const before = new Set((await connection.client.listTasks()).tasks.map(({ task }) => task.id))
    // One at a time: the order of the files is the order of the ids.
    const added = await mapLimit(tasks, 1, async ({ file, task }) =>
      connection.client.addTask({ ...fileParams(flags, file, task), key: importKey(file, task.source) }),
    )
    const fresh = added.filter(({ task }) => !before.has(task.id))
    const warnings = [...new Set([...tasks.map(({ task }) => task), ...added].flatMap((one) => one.warnings))]
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
        ...runs.map((run) => (suspended.includes(run.id) ? renderRunLine(run, { state: suspendedWords }) : renderRunLine(run))),
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
