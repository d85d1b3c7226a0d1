import { randomUUID } from 'node:crypto'
import type { Run, RunId } from '@coxswain/model'
import { sql, type Selectable } from 'kysely'
import { eventAfter } from './events.ts'
import { anyOf } from './database/any-of.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { toRun } from './run-row.ts'
import { numberOf, runId, type Scope } from './scope.ts'

export interface Claims {
  /**
   * The queued run with the lowest priority, then the oldest, now held by this worker. Null when there is none, and when `slots` runs of this worker
   * have an agent at work. An agent for which a run of this worker waits, such as for a vendor's limit, is given no further run.
   */
  next(options: { readonly slots: number; /** Only these, when given. */ readonly among?: readonly RunId[] }): Promise<Run | null>
  /** False when this worker did not hold it. */
  release(run: RunId): Promise<boolean>
  /** Runs held by a worker, by default this one. */
  list(worker?: string): Promise<readonly RunId[]>
  /** Moves what dead workers hold to this one. */
  takeOver(workers: readonly string[]): Promise<readonly RunId[]>
}

export function createClaims(scope: Scope): Claims {
  return {
    next: (options) => {
      const attempt = randomUUID()
      let tries = 0
      return scope.database.single(async (queries) => {
        // After a commit whose answer was lost, the retry finds what it claimed.
        const before = tries++ === 0 ? null : await findClaimed(queries, scope, attempt)
        return before ?? claimNext(queries, scope, { ...options, attempt })
      })
    },
    release: (run) => release(scope, run),
    list: (worker = scope.workerId) => heldBy(scope, worker),
    takeOver: (workers) => takeOver(scope, workers),
  }
}

interface Claim {
  readonly slots: number
  readonly among?: readonly RunId[]
  /** The same for each retry of one call. */
  readonly attempt: string
}

async function findClaimed(queries: Queries, { repository }: Scope, attempt: string): Promise<Run | null> {
  const row = await queries
    .selectFrom('runs')
    .innerJoin('events', (join) =>
      join.onRef('events.repository', '=', 'runs.repository').onRef('events.run', '=', 'runs.number'),
    )
    .selectAll('runs')
    .where('events.repository', '=', repository)
    .where('events.key', '=', keyOf(attempt))
    .executeTakeFirst()
  return row ? toRun(row) : null
}

function keyOf(attempt: string): string {
  return `run-claimed/${attempt}`
}

async function claimNext(queries: Queries, scope: Scope, { slots, among, attempt }: Claim): Promise<Run | null> {
  const { repository, workerId } = scope
  const claimed = queries
    .updateTable('runs')
    .set({ worker: workerId })
    .where('repository', '=', repository)
    .where('number', '=', (row) =>
      row
        .selectFrom('runs')
        .select('number')
        .where('repository', '=', repository)
        .where('state', '=', 'queued')
        .where('worker', 'is', null)
        .where('agent', 'not in', (limited) =>
          limited
            .selectFrom('runs as waiting')
            .select('waiting.agent')
            .where('waiting.repository', '=', repository)
            .where('waiting.worker', '=', workerId)
            .where('waiting.state', '=', 'waiting'),
        )
        .$if(among !== undefined, (query) => query.where('number', '=', anyOf((among ?? []).map(numberOf))))
        .orderBy('priority')
        .orderBy('number')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .where(
      (row) =>
        row
          .selectFrom('runs')
          .select((held) => held.fn.countAll<number>().as('held'))
          .where('repository', '=', repository)
          .where('worker', '=', workerId)
          .where('state', 'not in', ['waiting', 'landing']),
      '<',
      slots,
    )
    .returningAll()
  const event = { name: 'run-claimed', data: { worker: workerId } }
  const { rows } = await sql<Selectable<Tables['runs']>>`
    with claimed as (${claimed}), ${eventAfter(scope, { source: 'claimed', task: 'task', run: 'number', event, key: keyOf(attempt) })}`.execute(
    queries,
  )
  return rows[0] === undefined ? null : toRun(rows[0])
}

async function release({ database, repository, workerId }: Scope, run: RunId): Promise<boolean> {
  const released = await database.single((queries) =>
    queries
      .updateTable('runs')
      .set({ worker: null })
      .where('repository', '=', repository)
      .where('number', '=', numberOf(run))
      .where('worker', '=', workerId)
      .executeTakeFirst(),
  )
  return released.numUpdatedRows > 0n
}

async function heldBy({ database, repository }: Scope, worker: string): Promise<readonly RunId[]> {
  const rows = await database.read((queries) =>
    queries
      .selectFrom('runs')
      .select('number')
      .where('repository', '=', repository)
      .where('worker', '=', worker)
      .orderBy('number')
      .execute(),
  )
  return rows.map((row) => runId(row.number))
}

/** In two steps, so that a retry knows whom it took from whom. */
async function takeOver({ database, repository, workerId }: Scope, workers: readonly string[]): Promise<readonly RunId[]> {
  const theirs = await database.read((queries) =>
    queries
      .selectFrom('runs')
      .select('number')
      .where('repository', '=', repository)
      .where('worker', '=', anyOf(workers))
      .execute(),
  )
  const numbers = theirs.map((row) => row.number)
  const rows = await database.write((queries) =>
    queries
      .updateTable('runs')
      .set({ worker: workerId })
      .where('repository', '=', repository)
      .where('number', '=', anyOf(numbers))
      .where('worker', '=', anyOf([...workers, workerId]))
      .returning('number')
      .execute(),
  )
  return rows
    .map((row) => row.number)
    .toSorted((a, b) => a - b)
    .map(runId)
}
