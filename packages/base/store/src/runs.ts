import { randomUUID } from 'node:crypto'
import { Run, type RunEvent, type RunId, type RunState, type Task, type TaskId } from '@coxswain/model'
import { sql, type Selectable } from 'kysely'
import { z } from 'zod'
import { anyOf } from './database/any-of.ts'
import { requireClaim, writeUnderClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { findEffect } from './effects.ts'
import { appendEvents, eventAfter, type NewEvent } from './events.ts'
import { toPatchRow, toRun, type RunPatch } from './run-row.ts'
import { numberOf, runId, type Scope } from './scope.ts'
import { toTask } from './tasks.ts'

export interface NewRun {
  readonly task: TaskId
  readonly agent: string
  readonly model: string | null
  readonly budget: Run['budget']
  readonly mayLand: boolean
  /** Of its task: lower is claimed first. */
  readonly priority: number
  /** The branch of a run, given its id; null passes over that id. */
  readonly branch: (id: RunId) => string | null
  /** The branch that its work lands on. */
  readonly target?: string
  /** The run machine's own state, kept as it is. */
  readonly progress: unknown
}

export interface Transition {
  readonly run: RunId
  readonly from: readonly RunState[]
  readonly to: RunState
  readonly patch?: RunPatch
  readonly event: RunEvent
  readonly progress: unknown
  /** Interventions that this transition settles. */
  readonly consumes?: readonly number[]
  /** The same key again changes nothing and returns the recorded result. */
  readonly key: string
}

export type TransitionResult =
  | { readonly kind: 'moved'; readonly run: Run; readonly progress: unknown }
  /** Somebody else moved it first; `run` is null when it does not exist. */
  | { readonly kind: 'lost'; readonly run: Run | null }

export interface Runs {
  /** Creates it as `queued` under the next id; with a key it is created once, however often it is given. */
  create(run: NewRun, key?: string): Promise<Run>
  get(id: RunId): Promise<Run | null>
  /** The run with its task and what its last transition left, at one moment. */
  withTask(id: RunId): Promise<{ readonly run: Run; readonly task: Task; readonly progress: unknown } | null>
  /** What the last transition left; null when there is no such run. */
  progress(id: RunId): Promise<unknown>
  list(filter?: { readonly states?: readonly RunState[]; readonly task?: TaskId }): Promise<readonly Run[]>
  /** Compare-and-set of the state, patch and event in one transaction. */
  transition(transition: Transition): Promise<TransitionResult>
  /** Sets fields in whatever state the run is. Null when it does not exist. */
  update(id: RunId, patch: RunPatch): Promise<Run | null>
}

export function createRuns(scope: Scope): Runs {
  return {
    create: (run, key = randomUUID()) => scope.database.write((queries) => createRun(queries, scope, { run, key })),
    get: (id) => scope.database.read((queries) => findRun(queries, scope, id)),
    withTask: (id) => scope.database.read((queries) => findWithTask(queries, scope, id)),
    progress: (id) => scope.database.read((queries) => findProgress(queries, scope, id)),
    list: (filter = {}) => listRuns(scope, filter),
    transition: (transition) => scope.database.single((queries) => applyTransition(queries, scope, transition)),
    update: (id, patch) => writeUnderClaim(scope, (queries) => updateRun(queries, scope, { id, patch })),
  }
}

async function createRun(queries: Queries, scope: Scope, { run, key }: { run: NewRun; key: string }): Promise<Run> {
  const present = await runsOf(queries, scope).where('key', '=', key).executeTakeFirst()
  if (present) return toRun(present)
  const place = await takeNumber(queries, scope, run)
  const row = await queries
    .insertInto('runs')
    .values(toNewRow(scope, { run, key, ...place }))
    .returningAll()
    .executeTakeFirstOrThrow()
  const created = toRun(row)
  const event: NewEvent = {
    name: 'run-created',
    task: created.task,
    run: created.id,
    data: { agent: created.agent, model: created.model },
  }
  await appendEvents(queries, scope, { key: `run-created/${key}`, events: [event] })
  return created
}

/** The next number whose branch may be made. */
async function takeNumber(queries: Queries, scope: Scope, run: NewRun): Promise<{ number: number; branch: string }> {
  const taken = await queries
    .updateTable('repositories')
    .set({ last_run: sql`last_run + 1` })
    .where('id', '=', scope.repository)
    .returning('last_run')
    .executeTakeFirstOrThrow()
  const first = taken.last_run
  for (let number = first; ; number += 1) {
    const branch = run.branch(runId(number))
    if (branch === null) continue
    if (number > first)
      await queries.updateTable('repositories').set({ last_run: number }).where('id', '=', scope.repository).execute()
    return { number, branch }
  }
}

interface NewRow {
  readonly run: NewRun
  readonly key: string
  readonly number: number
  readonly branch: string
}

function toNewRow({ repository, clock }: Scope, { run, key, number, branch }: NewRow) {
  const now = clock.now()
  return {
    repository,
    number,
    key,
    task: numberOf(run.task),
    priority: run.priority,
    agent: cleanText(run.agent),
    model: run.model && cleanText(run.model),
    state: 'queued',
    branch: cleanText(branch),
    target: run.target === undefined ? null : cleanText(run.target),
    turns: 0,
    gate_failures: 0,
    tokens: cleanJson({ input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 }),
    cost_usd: 0,
    budget: cleanJson(run.budget),
    may_land: run.mayLand,
    active_ms: 0,
    created_at: now,
    updated_at: now,
    progress: cleanJson(run.progress),
  }
}

async function findRun(queries: Queries, scope: Scope, id: RunId): Promise<Run | null> {
  const row = await runsOf(queries, scope).where('number', '=', numberOf(id)).executeTakeFirst()
  return row ? toRun(row) : null
}

async function findWithTask(queries: Queries, { repository }: Scope, id: RunId): ReturnType<Runs['withTask']> {
  const row = await queries
    .selectFrom('runs')
    .innerJoin('tasks', (join) => join.onRef('tasks.repository', '=', 'runs.repository').onRef('tasks.number', '=', 'runs.task'))
    .selectAll('runs')
    .select(sql<Selectable<Tables['tasks']>>`to_jsonb(tasks)`.as('task_row'))
    .where('runs.repository', '=', repository)
    .where('runs.number', '=', numberOf(id))
    .executeTakeFirst()
  return row ? { run: toRun(row), task: toTask(row.task_row), progress: row.progress } : null
}

async function findProgress(queries: Queries, { repository }: Scope, id: RunId): Promise<unknown> {
  const row = await queries
    .selectFrom('runs')
    .select('progress')
    .where('repository', '=', repository)
    .where('number', '=', numberOf(id))
    .executeTakeFirst()
  return row?.progress ?? null
}

async function listRuns(
  scope: Scope,
  { states, task }: { states?: readonly RunState[]; task?: TaskId },
): Promise<readonly Run[]> {
  const rows = await scope.database.read((queries) =>
    runsOf(queries, scope)
      .$if(states !== undefined, (query) => query.where('state', '=', anyOf(states ?? [])))
      .$if(task !== undefined, (query) => query.where('task', '=', task === undefined ? 0 : numberOf(task)))
      .orderBy('number')
      .execute(),
  )
  return rows.map(toRun)
}

/** One statement: state, fields, progress, what is recorded of it, settled interventions and the event. */
async function applyTransition(queries: Queries, scope: Scope, transition: Transition): Promise<TransitionResult> {
  const { repository, workerId, claim, clock } = scope
  const key = `transition/${transition.key}`
  const effect = cleanText(key)
  const progress = transition.progress ?? null
  const moved = queries
    .updateTable('runs')
    .set({
      ...toPatchRow(transition.patch ?? {}),
      state: transition.to,
      progress: cleanJson(progress),
      updated_at: clock.now(),
    })
    .where('repository', '=', repository)
    .where('number', '=', numberOf(transition.run))
    .where('state', '=', anyOf(transition.from))
    .$if(claim !== null, (query) => query.where('worker', '=', workerId).where('token', '=', claim?.token ?? 0))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('effects').select('key').where('repository', '=', repository).where('key', '=', effect))),
    )
    .returningAll()
  const { event, consumes = [] } = transition
  const { rows } = await sql<Selectable<Tables['runs']>>`
    with moved as (${moved}), recorded as (
      insert into coxswain.effects (repository, key, result, at)
      select ${repository}, ${effect}, jsonb_build_object('value', jsonb_build_object('row', to_jsonb(moved) - 'progress', 'progress', progress)),
        ${clock.now()}::bigint
      from moved
    ), settled as (
      update coxswain.interventions set consumed_by = ${key}
      where repository = ${repository} and id = any(${consumes}::bigint[]) and consumed_by is null and exists (select from moved)
    ), ${eventAfter(scope, { source: 'moved', task: 'task', run: 'number', event, key })}`.execute(queries)
  const [row] = rows
  return row === undefined
    ? lostOrRecorded(queries, scope, { key, run: transition.run })
    : { kind: 'moved', run: toRun(row), progress }
}

/** The second is how transitions were recorded before they were one statement. */
const Recorded = z.union([
  z.object({ row: z.custom<Selectable<Tables['runs']>>(), progress: z.unknown() }),
  z.object({ run: Run, progress: z.unknown() }),
])

function recorded(result: unknown): TransitionResult {
  const found = Recorded.parse(result)
  return { kind: 'moved', run: 'row' in found ? toRun(found.row) : found.run, progress: found.progress }
}

/** The same transition was committed before, or while this one waited for the row; or the run is in another state. */
async function lostOrRecorded(
  queries: Queries,
  scope: Scope,
  { key, run }: { key: string; run: RunId },
): Promise<TransitionResult> {
  await requireClaim(queries, scope)
  const before = await findEffect(queries, scope, key)
  if (before) return recorded(before.result)
  return { kind: 'lost', run: await findRun(queries, scope, run) }
}

async function updateRun(queries: Queries, scope: Scope, { id, patch }: { id: RunId; patch: RunPatch }): Promise<Run | null> {
  const row = await queries
    .updateTable('runs')
    .set({ ...toPatchRow(patch), updated_at: scope.clock.now() })
    .where('repository', '=', scope.repository)
    .where('number', '=', numberOf(id))
    .returningAll()
    .executeTakeFirst()
  return row ? toRun(row) : null
}

function runsOf(queries: Queries, { repository }: Scope) {
  return queries.selectFrom('runs').selectAll().where('repository', '=', repository)
}
