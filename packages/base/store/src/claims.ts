import { randomUUID } from 'node:crypto'
import type { Run, RunEvent, RunId } from '@coxswain/model'
import { sql, type Selectable } from 'kysely'
import type { Claim } from './claim.ts'
import { eventAfter } from './events.ts'
import { anyOf } from './database/any-of.ts'
import type { Queries } from './database/database.ts'
import type { Tables } from './database/tables.ts'
import { toRun } from './run-row.ts'
import { numberOf, runId, type Scope } from './scope.ts'

export interface Claimed {
  readonly run: Run
  readonly claim: Claim
}

export interface Claims {
  /**
   * The queued run with the lowest priority, then the oldest, now held by this worker. Null when there is none, and when `slots` runs of this worker
   * have an agent at work. An agent for which a run of this worker waits, such as for a vendor's limit, is given no further run.
   */
  next(options: {
    readonly slots: number
    /** Only these, when given. */ readonly among?: readonly RunId[]
  }): Promise<Claimed | null>
  /** False when this worker did not hold it so. */
  release(claim: Claim): Promise<boolean>
  /** Runs held by a worker, by default this one. */
  list(worker?: string): Promise<readonly RunId[]>
  /** What this worker holds now. */
  held(): Promise<readonly Claim[]>
  /** Claims anew what this worker holds, all of it or these runs: whatever an earlier life of it still does counts for nothing. */
  renew(runs?: readonly RunId[]): Promise<readonly Claim[]>
  /** Moves what dead workers hold to this one. */
  takeOver(workers: readonly string[]): Promise<readonly Claim[]>
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
    release: (claim) => release(scope, claim),
    held: () => heldNow(scope),
    renew: (runs) => renew(scope, runs ?? null),
    list: (worker = scope.workerId) => heldBy(scope, worker),
    takeOver: (workers) => takeOver(scope, workers),
  }
}

interface Request {
  readonly slots: number
  readonly among?: readonly RunId[]
  /** The same for each retry of one call. */
  readonly attempt: string
}

async function findClaimed(queries: Queries, { repository }: Scope, attempt: string): Promise<Claimed | null> {
  const row = await queries
    .selectFrom('runs')
    .innerJoin('events', (join) =>
      join.onRef('events.repository', '=', 'runs.repository').onRef('events.run', '=', 'runs.number'),
    )
    .selectAll('runs')
    .where('events.repository', '=', repository)
    .where('events.key', '=', keyOf(attempt))
    .executeTakeFirst()
  return row ? toClaimed(row) : null
}

function toClaimed(row: Selectable<Tables['runs']>): Claimed {
  const run = toRun(row)
  return { run, claim: { run: run.id, token: row.token } }
}

function keyOf(attempt: string): string {
  return `run-claimed/${attempt}`
}

async function claimNext(queries: Queries, scope: Scope, { slots, among, attempt }: Request): Promise<Claimed | null> {
  const { repository, workerId } = scope
  const claimed = queries
    .updateTable('runs')
    .set({ worker: workerId, token: sql`token + 1` })
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
  const event: RunEvent = { name: 'run-claimed', data: { worker: workerId } }
  const { rows } = await sql<Selectable<Tables['runs']>>`
    with claimed as (${claimed}), ${eventAfter(scope, { source: 'claimed', task: 'task', run: 'number', event, key: keyOf(attempt) })}`.execute(
    queries,
  )
  return rows[0] === undefined ? null : toClaimed(rows[0])
}

async function release({ database, repository, workerId }: Scope, { run, token }: Claim): Promise<boolean> {
  const released = await database.single((queries) =>
    queries
      .updateTable('runs')
      .set({ worker: null })
      .where('repository', '=', repository)
      .where('number', '=', numberOf(run))
      .where('worker', '=', workerId)
      .where('token', '=', token)
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
async function takeOver({ database, repository, workerId }: Scope, workers: readonly string[]): Promise<readonly Claim[]> {
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
      .set({ worker: workerId, token: sql`token + 1` })
      .where('repository', '=', repository)
      .where('number', '=', anyOf(numbers))
      .where('worker', '=', anyOf([...workers, workerId]))
      .returning(['number', 'token'])
      .execute(),
  )
  return toClaims(rows)
}

async function heldNow({ database, repository, workerId }: Scope): Promise<readonly Claim[]> {
  const rows = await database.read((queries) =>
    queries
      .selectFrom('runs')
      .select(['number', 'token'])
      .where('repository', '=', repository)
      .where('worker', '=', workerId)
      .execute(),
  )
  return toClaims(rows)
}

async function renew({ database, repository, workerId }: Scope, runs: readonly RunId[] | null): Promise<readonly Claim[]> {
  const rows = await database.single((queries) =>
    queries
      .updateTable('runs')
      .set({ token: sql`token + 1` })
      .where('repository', '=', repository)
      .where('worker', '=', workerId)
      .$if(runs !== null, (query) => query.where('number', '=', anyOf((runs ?? []).map(numberOf))))
      .returning(['number', 'token'])
      .execute(),
  )
  return toClaims(rows)
}

function toClaims(rows: readonly Pick<Selectable<Tables['runs']>, 'number' | 'token'>[]): readonly Claim[] {
  return rows.toSorted((a, b) => a.number - b.number).map(({ number, token }) => ({ run: runId(number), token }))
}
