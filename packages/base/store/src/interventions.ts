import { randomUUID } from 'node:crypto'
import { abortable, isCoxError, seconds } from '@coxswain/kernel'
import { Intervention, RunId, type Actor, type RunEvent, type StoredEvent } from '@coxswain/model'
import { sql, type Selectable } from 'kysely'
import { z } from 'zod'
import { requireClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { appendEvents, type NewEvent } from './events.ts'
import { channelsOf } from './listen/channels.ts'
import { createWakeUp } from './listen/wake-up.ts'
import { numberOf, runId, type Scope } from './scope.ts'

export interface NewIntervention {
  readonly run: RunId
  readonly kind: Intervention['kind']
  readonly text: string
  readonly actor: Actor
  readonly budget?: Intervention['budget']
}

/** What became of it; the event is the one that was written as it was consumed by itself. */
export type Fate =
  | { readonly kind: 'pending' }
  | { readonly kind: 'consumed'; readonly event: Pick<StoredEvent, 'name' | 'data'> | null }

export interface Interventions {
  /** Adds it and wakes the worker that holds the run; with a key it is added once. */
  add(intervention: NewIntervention, key?: string): Promise<Intervention>
  /** Those not consumed yet, oldest first. */
  pending(run: RunId): Promise<readonly Intervention[]>
  /** True for the one call that consumes it, which also appends the event; false for every later one. */
  consume(id: number, event: RunEvent): Promise<boolean>
  fate(id: number): Promise<Fate>
  /** Runs that have something pending, first all of them, then each as it comes; a run may be named more often than needed. Ends when the signal aborts. */
  watch(options: { readonly signal: AbortSignal }): AsyncIterable<RunId>
}

export function createInterventions(scope: Scope): Interventions {
  return {
    add: (intervention, key = randomUUID()) => scope.database.write((queries) => addOne(queries, scope, { intervention, key })),
    pending: (run) => listPending(scope, run),
    consume: (id, event) => {
      const attempt = randomUUID()
      return scope.database.write(async (queries) => {
        await requireClaim(queries, scope)
        return consumeOne(queries, scope, { id, event, attempt })
      })
    },
    fate: (id) => scope.database.read((queries) => findFate(queries, scope, id)),
    watch: ({ signal }) => watch(scope, signal),
  }
}

async function addOne(
  queries: Queries,
  scope: Scope,
  { intervention, key }: { intervention: NewIntervention; key: string },
): Promise<Intervention> {
  const { repository, clock } = scope
  const present = await interventionsOf(queries, scope).where('key', '=', key).executeTakeFirst()
  if (present) return toIntervention(present)
  const { run, kind, actor, budget = null } = intervention
  const row = await queries
    .insertInto('interventions')
    .values({
      repository,
      key,
      run: numberOf(run),
      kind,
      text: cleanText(intervention.text),
      at: clock.now(),
      actor: cleanJson(actor),
      budget: budget && cleanJson(budget),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const added = toIntervention(row)
  const event: NewEvent = { name: 'intervention-added', run, data: { id: added.id, kind, text: added.text, actor } }
  await appendEvents(queries, scope, { key: `intervention-added/${key}`, events: [event] })
  await sql`select pg_notify(${channelsOf(repository).interventions}, ${run})`.execute(queries)
  return added
}

async function listPending(scope: Scope, run: RunId): Promise<readonly Intervention[]> {
  const rows = await scope.database.read((queries) =>
    interventionsOf(queries, scope).where('run', '=', numberOf(run)).where('consumed_by', 'is', null).orderBy('id').execute(),
  )
  return rows.map(toIntervention)
}

interface Consumption {
  readonly id: number
  readonly event: RunEvent
  /** The same for each retry of one call: after a commit whose answer was lost, the retry knows that it was its own. */
  readonly attempt: string
}

async function consumeOne(queries: Queries, scope: Scope, { id, event, attempt }: Consumption): Promise<boolean> {
  const row = await queries
    .updateTable('interventions')
    .set({ consumed_by: attempt })
    .where('repository', '=', scope.repository)
    .where('id', '=', id)
    .where('consumed_by', 'is', null)
    .returning('run')
    .executeTakeFirst()
  if (row === undefined) {
    const present = await interventionsOf(queries, scope).where('id', '=', id).executeTakeFirst()
    return present?.consumed_by === attempt
  }
  await appendEvents(queries, scope, { key: `intervention-consumed/${id}`, events: [{ ...event, run: runId(row.run) }] })
  return true
}

async function findFate(queries: Queries, scope: Scope, id: number): Promise<Fate> {
  const row = await interventionsOf(queries, scope).where('id', '=', id).executeTakeFirst()
  if (row === undefined || row.consumed_by === null) return { kind: 'pending' }
  const event = await queries
    .selectFrom('events')
    .select(['name', 'data'])
    .where('repository', '=', scope.repository)
    .where('key', '=', `intervention-consumed/${id}`)
    .executeTakeFirst()
  return {
    kind: 'consumed',
    event: event === undefined ? null : { name: event.name, data: z.record(z.string(), z.unknown()).parse(event.data) },
  }
}

async function* watch(scope: Scope, signal: AbortSignal): AsyncGenerator<RunId, void, void> {
  let isAnyRun = true
  const news = new Set<RunId>()
  const wakeUp = createWakeUp({ clock: scope.clock, signal, atLatest: seconds(60) })
  const listening = scope.listener.listen(channelsOf(scope.repository).interventions, (payload) => {
    const run = RunId.safeParse(payload)
    if (run.success) news.add(run.data)
    else isAnyRun = true
    wakeUp.wake()
  })
  try {
    await abortable(listening, signal)
    while (!signal.aborted) {
      const named = [...news]
      news.clear()
      const all = isAnyRun
      isAnyRun = false
      for (const run of all ? await runsWithPending(scope, signal) : named) if (!signal.aborted) yield run
      await wakeUp.next()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    listening.then((stop) => stop()).catch(() => {}) // a listener that closed has nothing to stop
  }
}

/** Waits through an outage of any length. */
async function runsWithPending(scope: Scope, signal: AbortSignal): Promise<readonly RunId[]> {
  while (!signal.aborted) {
    try {
      const rows = await scope.database.read((queries) =>
        queries
          .selectFrom('interventions')
          .select('run')
          .distinct()
          .where('repository', '=', scope.repository)
          .where('consumed_by', 'is', null)
          .orderBy('run')
          .execute(),
      )
      return rows.map((row) => runId(row.run))
    } catch (error) {
      if (!isCoxError(error, 'DATABASE_UNREACHABLE')) throw error
    }
  }
  return []
}

function interventionsOf(queries: Queries, { repository }: Scope) {
  return queries.selectFrom('interventions').selectAll().where('repository', '=', repository)
}

function toIntervention(row: Selectable<Tables['interventions']>): Intervention {
  return Intervention.parse({ ...row, run: runId(row.run) })
}
