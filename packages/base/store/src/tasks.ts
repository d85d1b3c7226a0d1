import { randomUUID } from 'node:crypto'
import { Task, type Actor, type RunEvent, type TaskId } from '@coxswain/model'
import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import { anyOf } from './database/any-of.ts'
import { writeUnderClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { appendEvents, eventAfter } from './events.ts'
import { numberOf, taskId, type Scope } from './scope.ts'

export type TaskState = Task['state']
export type NewTask = Omit<Task, 'id' | 'state' | 'createdAt'>

export interface TaskChange {
  readonly task: TaskId
  readonly from: readonly TaskState[]
  readonly to: TaskState
  readonly actor?: Actor | undefined
}

export interface Tasks {
  /** Adds it as `queued` under the next id; with a key it is added once, however often it is given. */
  add(task: NewTask, key?: string, actor?: Actor): Promise<Task>
  get(id: TaskId): Promise<Task | null>
  list(filter?: { readonly states?: readonly TaskState[] }): Promise<readonly Task[]>
  /** Null when the task was in none of the states; a task that already is in the wanted state is returned as it is. */
  setState(change: TaskChange): Promise<Task | null>
  /** Null when it has ended already or is unknown. */
  cancel(id: TaskId, actor?: Actor): Promise<Task | null>
}

export function createTasks(scope: Scope): Tasks {
  const setState: Tasks['setState'] = (change) => writeUnderClaim(scope, (queries) => changeState(queries, scope, change))
  return {
    add: (task, key = randomUUID(), actor) => scope.database.write((queries) => addTask(queries, scope, { task, key, actor })),
    get: (id) => scope.database.read((queries) => findTask(queries, scope, id)),
    list: (filter = {}) => listTasks(scope, filter.states),
    setState,
    cancel: (id, actor) => setState({ task: id, from: ['queued', 'active'], to: 'cancelled', actor }),
  }
}

interface Addition {
  readonly task: NewTask
  readonly key: string
  readonly actor?: Actor | undefined
}

async function addTask(queries: Queries, scope: Scope, { task, key, actor }: Addition): Promise<Task> {
  const { repository } = scope
  const present = await tasksOf(queries, scope).where('key', '=', key).executeTakeFirst()
  if (present) return toTask(present)
  const { last_task: number } = await queries
    .updateTable('repositories')
    .set({ last_task: sql`last_task + 1` })
    .where('id', '=', repository)
    .returning('last_task')
    .executeTakeFirstOrThrow()
  const row = await queries
    .insertInto('tasks')
    .values(toRow(scope, { task, key, number }))
    .returningAll()
    .executeTakeFirstOrThrow()
  const added = toTask(row)
  await appendEvents(queries, scope, {
    key: `task-added/${key}`,
    events: [{ name: 'task-added', task: added.id, data: { title: added.title, origin: added.origin, ...(actor && { actor }) } }],
  })
  return added
}

function toRow({ repository, clock }: Scope, { task, key, number }: { task: NewTask; key: string; number: number }) {
  return {
    repository,
    number,
    key,
    text: cleanText(task.text),
    title: cleanText(task.title),
    priority: task.priority,
    package: task.package && cleanText(task.package),
    agent: task.agent && cleanText(task.agent),
    budget: cleanJson(task.budget),
    may_land: task.mayLand,
    state: 'queued',
    origin: cleanText(task.origin),
    created_at: clock.now(),
  }
}

async function findTask(queries: Queries, scope: Scope, id: TaskId): Promise<Task | null> {
  const row = await tasksOf(queries, scope).where('number', '=', numberOf(id)).executeTakeFirst()
  return row ? toTask(row) : null
}

async function listTasks(scope: Scope, states: readonly TaskState[] | undefined): Promise<readonly Task[]> {
  const rows = await scope.database.read((queries) =>
    tasksOf(queries, scope)
      .$if(states !== undefined, (query) => query.where('state', '=', anyOf(states ?? [])))
      .orderBy('number')
      .execute(),
  )
  return rows.map(toTask)
}

async function changeState(queries: Queries, scope: Scope, { task, from, to, actor }: TaskChange): Promise<Task | null> {
  const changed = queries
    .updateTable('tasks')
    .set({ state: to })
    .where('repository', '=', scope.repository)
    .where('number', '=', numberOf(task))
    .where('state', '=', anyOf(from))
    .where('state', '!=', to)
    .returningAll()
  const event: RunEvent = { name: `task-${to}`, data: actor === undefined ? {} : { actor } }
  const { rows } = await sql<Selectable<Tables['tasks']>>`
    with changed as (${changed}), ${eventAfter(scope, { source: 'changed', task: 'number', run: null, event, key: randomUUID() })}`.execute(
    queries,
  )
  if (rows[0] !== undefined) return toTask(rows[0])
  const present = await findTask(queries, scope, task)
  return present?.state === to ? present : null
}

function tasksOf(queries: Queries, { repository }: Scope) {
  return queries.selectFrom('tasks').selectAll().where('repository', '=', repository)
}

export function toTask(row: Selectable<Tables['tasks']>): Task {
  return Task.parse({ ...row, id: taskId(row.number), mayLand: row.may_land, createdAt: row.created_at })
}
