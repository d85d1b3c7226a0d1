import { randomUUID } from 'node:crypto'
import { abortable, isCoxError, seconds } from '@coxswain/kernel'
import { StoredEvent, versionOf, type EventName, type RunEvent, type RunId, type TaskId } from '@coxswain/model'
import { sql, type RawBuilder, type Selectable } from 'kysely'
import { writeUnderClaim } from './claim.ts'
import { cleanJson, cleanText } from './database/clean-text.ts'
import { anyOf } from './database/any-of.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { channelsOf } from './listen/channels.ts'
import { createWakeUp } from './listen/wake-up.ts'
import { numberOf, runId, taskId, type Scope } from './scope.ts'

export type NewEvent = RunEvent & { readonly task?: TaskId | null; readonly run?: RunId | null }

export interface EventFilter {
  /** Events with a greater seq. Default 0: all. */
  readonly after?: number
  /** Events with a smaller seq. */
  readonly before?: number
  readonly run?: RunId
  readonly task?: TaskId
  /** With one of these names, also such as this version does not know. */
  readonly names?: readonly string[]
  /** Milliseconds since the epoch: not earlier, and earlier than. */
  readonly since?: number
  readonly until?: number
  /** Default: oldest first. */
  readonly order?: 'oldest' | 'newest'
  /** Default 500. */
  readonly limit?: number
}

export interface FollowOptions {
  readonly after: number
  readonly signal: AbortSignal
  readonly run?: RunId
}

export interface Events {
  /** Appends in this order; with a key the batch is written once, however often it is given. */
  append(events: readonly NewEvent[], key?: string): Promise<void>
  list(filter?: EventFilter): Promise<readonly StoredEvent[]>
  last(): Promise<number>
  /** The latest event of a run with one of these names. */
  newest(filter: { readonly run: RunId; readonly names: readonly EventName[] }): Promise<StoredEvent | null>
  /** The last events of each of these runs, newest first; at most `each` a run. */
  recent(filter: { readonly runs: readonly RunId[]; readonly each: number }): Promise<readonly StoredEvent[]>
  /** Every event after a seq, then each new one as it is committed, until the signal aborts. No event is missed and none comes twice, also across restarts of the database. */
  follow(options: FollowOptions): AsyncIterable<StoredEvent>
  /** Calls back when a run may have come to be claimed, here or elsewhere, until the signal aborts. */
  onWork(wake: () => void, signal: AbortSignal): Promise<void>
}

export function createEvents(scope: Scope): Events {
  return {
    append: async (events, key = randomUUID()) => {
      if (events.length > 0) await writeUnderClaim(scope, (queries) => appendEvents(queries, scope, { events, key }))
    },
    list: (filter = {}) => listEvents(scope, filter),
    last: () => lastSeq(scope),
    newest: async (filter) => (await listEvents(scope, { ...filter, order: 'newest', limit: 1 }))[0] ?? null,
    recent: (filter) => recentEvents(scope, filter),
    follow: (options) => follow(scope, options),
    onWork: (wake, signal) => callOnWork(scope, wake, signal),
  }
}

export interface EventBatch {
  readonly events: readonly NewEvent[]
  readonly key: string
}

/**
 * Appends in one statement, which is the last but the commit where it is part of a transaction. Numbers come from the repository's counter row, which
 * stays locked until the commit: so they have no gaps, and a reader who saw a number will never meet a smaller one later.
 */
export async function appendEvents(queries: Queries, { repository, clock }: Scope, { events, key }: EventBatch): Promise<void> {
  const count = events.length
  const tasks = events.map(({ task }) => (task ? numberOf(task) : null))
  const runs = events.map(({ run }) => (run ? numberOf(run) : null))
  const names = events.map(({ name }) => cleanText(name))
  const data = events.map((event) => cleanJson(event.data))
  const versions = events.map(({ name }) => versionOf(name))
  await sql`
    with counter as (
      update coxswain.repositories set last_seq = last_seq + ${count}::int
      where id = ${repository} and not exists (select from coxswain.events where repository = ${repository} and key = ${key})
      returning last_seq
    ), added as (
      insert into coxswain.events (repository, seq, at, task, run, name, data, version, key)
      select ${repository}, last_seq - ${count}::int + place, ${clock.now()}::bigint, task, run, name, data::jsonb, version,
        case when place = 1 then ${key}::text end
      from counter, unnest(${tasks}::int[], ${runs}::int[], ${names}::text[], ${data}::text[], ${versions}::int[])
        with ordinality as given (task, run, name, data, version, place)
    )
    select pg_notify(${channelsOf(repository).events}, ${events.some(bringsWork) ? workPayload : ''}) from counter`.execute(
    queries,
  )
}

export interface EventAfter {
  /** Name of the part of the statement whose one row, where it has one, brings the event. */
  readonly source: string
  /** Columns of that row; null where the event has no such subject. */
  readonly task: string | null
  readonly run: string | null
  readonly event: RunEvent
  readonly key: string
}

/** As `appendEvents`, but as parts of the statement that brings the event; a key that is there already fails it. Ends with the selection of the row. */
export function eventAfter({ repository, clock }: Scope, { source, task, run, event, key }: EventAfter): RawBuilder<unknown> {
  const [row, subject] = [
    sql.table(source),
    (column: string | null) => (column === null ? sql`null::int` : sql.ref(`${source}.${column}`)),
  ]
  return sql`
    counter as (
      update coxswain.repositories set last_seq = last_seq + 1
      where id = ${repository} and exists (select from ${row}) returning last_seq
    ), added as (
      insert into coxswain.events (repository, seq, at, task, run, name, data, version, key)
      select ${repository}, last_seq, ${clock.now()}::bigint, ${subject(task)}, ${subject(run)}, ${cleanText(event.name)},
        ${cleanJson(event.data)}::jsonb, ${versionOf(event.name)}::int, ${key}
      from counter, ${row}
    )
    select ${row}.*, pg_notify(${channelsOf(repository).events}, ${bringsWork(event) ? workPayload : ''}) from ${row}, counter`
}

/** Told with the notification, so that who waits for work need not read every event. */
const workPayload = 'queued'

function bringsWork({ name, data }: RunEvent): boolean {
  return name === 'run-created' || data['to'] === 'queued'
}

async function listEvents(
  { database, repository }: Scope,
  { after = 0, before, run, task, names, since, until, order = 'oldest', limit = 500 }: EventFilter,
): Promise<readonly StoredEvent[]> {
  const rows = await database.read((queries) => {
    let query = queries
      .selectFrom('events')
      .select(['seq', 'at', 'task', 'run', 'name', 'data', 'version'])
      .where('repository', '=', repository)
      .where('seq', '>', after)
    if (before !== undefined) query = query.where('seq', '<', before)
    if (run !== undefined) query = query.where('run', '=', numberOf(run))
    if (task !== undefined) query = query.where('task', '=', numberOf(task))
    if (names !== undefined) query = query.where('name', '=', anyOf(names))
    if (since !== undefined) query = query.where('at', '>=', since)
    if (until !== undefined) query = query.where('at', '<', until)
    return query
      .orderBy('seq', order === 'newest' ? 'desc' : 'asc')
      .limit(limit)
      .execute()
  })
  return rows.map(toEvent)
}

function toEvent(row: EventRow): StoredEvent {
  return StoredEvent.parse({ ...row, task: row.task && taskId(row.task), run: row.run && runId(row.run) })
}

type EventRow = Pick<Selectable<Tables['events']>, 'seq' | 'at' | 'task' | 'run' | 'name' | 'data' | 'version'>

async function recentEvents(
  { database, repository }: Scope,
  { runs, each }: { readonly runs: readonly RunId[]; readonly each: number },
): Promise<readonly StoredEvent[]> {
  if (runs.length === 0) return []
  const found = await database.read((queries) =>
    sql<EventRow>`
      select recent.* from unnest(${runs.map(numberOf)}::int[]) as wanted (run), lateral (
        select seq, at, task, run, name, data, version from coxswain.events
        where repository = ${repository} and run = wanted.run order by seq desc limit ${each}::int
      ) recent order by seq desc`.execute(queries),
  )
  return found.rows.map(toEvent)
}

async function lastSeq({ database, repository }: Scope): Promise<number> {
  const row = await database.read((queries) =>
    queries.selectFrom('repositories').select('last_seq').where('id', '=', repository).executeTakeFirst(),
  )
  return row?.last_seq ?? 0
}

const batchSize = 500

async function* follow(scope: Scope, { after, signal, run }: FollowOptions): AsyncGenerator<StoredEvent, void, void> {
  const wakeUp = createWakeUp({ clock: scope.clock, signal, atLatest: seconds(60) })
  // Listening starts before the first read: what is committed in between wakes the next read.
  const stop = await startListening(scope, wakeUp.wake, signal)
  let cursor = after
  try {
    while (!signal.aborted) {
      const events = await readPatiently(
        scope,
        { after: cursor, limit: batchSize, ...(run === undefined ? {} : { run }) },
        signal,
      )
      for (const event of events) {
        if (signal.aborted) return
        cursor = event.seq
        yield event
      }
      if (events.length < batchSize) await wakeUp.next()
    }
  } finally {
    stop()
  }
}

async function startListening(scope: Scope, wake: () => void, signal: AbortSignal): Promise<() => void> {
  const listening = scope.listener.listen(channelsOf(scope.repository).events, wake)
  try {
    return await abortable(listening, signal)
  } catch (error) {
    listening.then((stop) => stop()).catch(() => {}) // it may still succeed, or end with the listener
    if (signal.aborted) return () => {}
    throw error
  }
}

async function callOnWork(scope: Scope, wake: () => void, signal: AbortSignal): Promise<void> {
  const onNotice = (payload: string | null): void => {
    if (!signal.aborted && (payload === null || payload === workPayload)) wake()
  }
  try {
    const stop = await scope.listener.listen(channelsOf(scope.repository).events, onNotice)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Reads through an outage of any length: somebody who follows waits for the database, not for a deadline. */
async function readPatiently(scope: Scope, filter: EventFilter, signal: AbortSignal): Promise<readonly StoredEvent[]> {
  while (!signal.aborted) {
    try {
      return await abortable(listEvents(scope, filter), signal)
    } catch (error) {
      if (!signal.aborted && !isCoxError(error, 'DATABASE_UNREACHABLE')) throw error
    }
  }
  return []
}
