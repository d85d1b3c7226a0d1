import { realpath, stat } from 'node:fs/promises'
import { relative } from 'node:path'
import { containedPath, readEnvironment, tipOf } from '@coxswain/host'
import { findSandbox, isPartial } from '@coxswain/sandbox'
import { CoxError, isCoxError } from '@coxswain/kernel'
import { isEnded, TaskId, type Actor, type Budget, type HarnessConfig, type Task } from '@coxswain/model'
import { AddTaskParams, type TaskListResponse, type TaskResponse } from '@coxswain/protocol'
import { firstProgress } from '@coxswain/runs'
import type { z } from 'zod'
import { freeBranches } from '../free-branches.ts'
import { landingBranch } from '../landing-branch.ts'
import { requireKnownAgent, requireProgram } from '../backends.ts'
import { findDayBreach } from '../scheduler.ts'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { parseBody } from './parse-body.ts'
import { shownRuns } from './shown-run.ts'

export function taskRoutes({ on }: Door, context: DaemonContext): void {
  on('POST /v1/tasks', async (request) => {
    const params = await parseBody(request, AddTaskParams)
    return request.json(await addTask(context, params, request.get('actor')), 201)
  })
  on('GET /v1/tasks', async (request) => request.json(await listTasks(context)))
  on('GET /v1/tasks/:task', async (request) => request.json(await getTask(context, request.req.param('task'))))
  on('POST /v1/tasks/:task/cancel', async (request) =>
    request.json(await cancelTask(context, request.req.param('task'), request.get('actor'))),
  )
}

async function addTask(context: DaemonContext, params: z.output<typeof AddTaskParams>, actor: Actor): Promise<TaskResponse> {
  const { repository, store, config: live, scheduler, now } = context
  await live.refresh()
  const config = live.current
  const agent = params.agent ?? config.agent
  requireKnownAgent(agent)
  const target = await landingBranch(repository, config, params.checkout)
  const folder = params.package === null ? null : await packageFolder(repository.root, params.package)
  const ground = await groundOf(target, context)
  const warnings = [...(await lookForProgram(agent, config, params.start)), ...ground.warnings]
  const breach = params.start ? await findDayBreach({ store, config: live, now }) : null
  if (breach !== null)
    throw new CoxError('DAY_BUDGET_SPENT', breach, { hint: 'Put it on the backlog until then: cox task add "…".' })
  const budget: Budget = {
    tokens: params.budget.tokens ?? ground.harness.budget.tokens,
    usd: params.budget.usd ?? ground.harness.budget.usd,
    timeMs: params.budget.timeMs ?? ground.harness.budget.time,
  }
  const isPart = await isPartlyContained(ground.harness)
  const mayLand = !isPart && (params.mayLand || ground.harness.landing.policy === 'auto')
  const { text, priority, origin } = params
  const title = params.title ?? titleOf(text)
  const task = await store.tasks.add(
    { text, title, priority, package: folder, agent, budget, mayLand, origin },
    params.key,
    actor,
  )
  const run = await store.runs.create(
    {
      task: task.id,
      agent,
      model: config.agents[agent]?.model ?? config.model,
      budget,
      mayLand,
      priority,
      branch: await freeBranches(repository.git, { isFirst: task.id === 't1', target }),
      target,
      progress: firstProgress(mayLand, params.acceptsRedBase),
    },
    `first run of ${task.id}`,
  )
  if (params.start) scheduler.admit(run.id)
  else scheduler.wake()
  return { task, runs: [run], warnings: isPart ? [...warnings, waitsForApproval] : warnings }
}

const waitsForApproval = 'The sandbox is partial on this machine: the work waits for `cox approve`, whatever was said beforehand.'

/** What an agent did under a partial form may be more than its commits show. */
async function isPartlyContained({ sandbox }: HarnessConfig): Promise<boolean> {
  return sandbox !== 'off' && isPartial(await findSandbox(readEnvironment()))
}

/** What is committed where the work begins decides what it may spend, and whether it lands by itself. */
async function groundOf(
  target: string,
  { repository, harnesses }: DaemonContext,
): Promise<{ readonly harness: HarnessConfig; readonly warnings: readonly string[] }> {
  const tip = await tipOf(repository.git, target)
  if (tip === null) throw new Error(`the branch ${target} was there a moment ago`)
  const harness = await harnesses.read(await harnesses.find(tip.commit))
  const difference = await harnesses.difference(tip.commit, target)
  return { harness, warnings: difference === null ? [] : [difference] }
}

/** As it is called from the root; null for the root itself. @throws CoxError PATH_OUTSIDE, FOLDER_MISSING */
async function packageFolder(root: string, folder: string): Promise<string | null> {
  const path = await containedPath(root, folder)
  if (await isFolder(path)) return relative(await realpath(root), path) || null
  throw new CoxError('FOLDER_MISSING', `There is no folder "${folder}" in ${root}`, {
    hint: 'Name the folder of the package as it is called from the root of the repository.',
  })
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}

/** What starts now fails now; a backlog may be worked on later, or elsewhere. @throws CoxError AGENT_NOT_INSTALLED */
async function lookForProgram(agent: string, config: HarnessConfig, isStarting: boolean): Promise<string[]> {
  try {
    await requireProgram(agent, config, readEnvironment())
    return []
  } catch (error) {
    if (isStarting || !isCoxError(error, 'AGENT_NOT_INSTALLED')) throw error
    return [`${error.message}. ${error.hint}`]
  }
}

/** The first line that says something, without the marks of a heading. */
function titleOf(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^[#\s]+/, '').trim())
  return (lines.find((line) => line !== '') ?? text.trim()).slice(0, 200)
}

async function listTasks(context: DaemonContext): Promise<TaskListResponse> {
  const [tasks, runs] = await Promise.all([context.store.tasks.list(), shownRuns(context)])
  const newest = new Map(runs.map((run) => [run.task, run]))
  return { tasks: tasks.map((task) => ({ task, run: newest.get(task.id) ?? null })) }
}

async function getTask(context: DaemonContext, id: string): Promise<TaskResponse> {
  const task = await findTask(context, id)
  return { task, runs: [...(await context.store.runs.list({ task: task.id }))], warnings: [] }
}

async function cancelTask(context: DaemonContext, id: string, actor: Actor): Promise<TaskResponse> {
  const task = await findTask(context, id)
  if (task.state === 'done' || task.state === 'cancelled')
    throw new CoxError('TASK_ENDED', `Task ${task.id} has ended already (${task.state})`, { hint: 'Add a new task instead.' })
  for (const run of await context.store.runs.list({ task: task.id })) {
    if (isEnded(run.state)) continue
    await context.store.interventions.add({ run: run.id, kind: 'cancel', text: 'The task was cancelled.', actor })
    await context.controls.deliver(run.id)
  }
  await context.store.tasks.cancel(task.id, actor)
  return getTask(context, id)
}

async function findTask({ store }: DaemonContext, id: string): Promise<Task> {
  const parsed = TaskId.safeParse(id)
  const task = parsed.success ? await store.tasks.get(parsed.data) : null
  if (task === null)
    throw new CoxError('TASK_NOT_FOUND', `There is no task ${id.slice(0, 50)}`, { hint: 'List tasks with `cox task list`.' })
  return task
}
