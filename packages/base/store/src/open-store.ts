import { seconds, type Clock, type Duration, type Logger } from '@coxswain/kernel'
import { sql } from 'kysely'
import type { Claim } from './claim.ts'
import { createClaims, type Claims } from './claims.ts'
import { openDatabase, type Database, type Queries } from './database/database.ts'
import { createEffects, type Effects } from './effects.ts'
import { createEvents, type Events } from './events.ts'
import { createGateCache, type GateCache } from './gate-cache.ts'
import { createInterventions, type Interventions } from './interventions.ts'
import { createListener } from './listen/listener.ts'
import { createLanes, type Lanes } from './lanes.ts'
import { createLocks, type Locks } from './locks.ts'
import { createPlaces, type Places } from './places.ts'
import { createRuns, type Runs } from './runs.ts'
import type { Scope } from './scope.ts'
import { createTasks, type Tasks } from './tasks.ts'
import { createTurns, type Turns } from './turns.ts'
import { createWorkers, type Workers } from './workers.ts'

export interface StoreOptions {
  readonly url: string
  /** Names the repository on this database, for ever and on every host. */
  readonly repository: string
  /** Names this worker among all of this repository; the same again after a restart. */
  readonly workerId: string
  readonly clock: Clock
  readonly logger: Logger
  /** How long an operation waits for a database that does not answer. Default 30 s. */
  readonly patience?: Duration
  /** How long one statement may take, before its connection is given up. Default 20 s. */
  readonly answerWithin?: Duration
  /** Called when the database does not answer, for example to start an embedded one again. */
  readonly revive?: () => Promise<void>
}

/** What a run's worker writes, and others read. */
export interface Records {
  readonly tasks: Tasks
  readonly runs: Runs
  readonly events: Events
  readonly interventions: Interventions
  readonly turns: Turns
  readonly gateCache: GateCache
  readonly effects: Effects
}

/** Tables of one repository. Every operation survives a restart of the database; every write takes effect once. @throws CoxError DATABASE_UNREACHABLE */
export interface Store extends Records {
  readonly repository: string
  readonly workerId: string
  /** The same records, written under a claim: each write counts only while this worker holds the run so. @throws CoxError CLAIM_LOST */
  under(claim: Claim): Records
  readonly claims: Claims
  readonly workers: Workers
  readonly locks: Locks
  readonly lanes: Lanes
  readonly places: Places
  /** The role that we connect with; a superuser could run programs on the server. */
  role(): Promise<Role>
  close(): Promise<void>
}

export interface Role {
  readonly name: string
  readonly isSuperuser: boolean
}

/** @throws CoxError DATABASE_UNREACHABLE, DATABASE_NEWER */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { url, repository, workerId, clock, logger, revive, answerWithin, patience = seconds(30) } = options
  const database = await openDatabase({ url, clock, logger, patience, revive, answerWithin })
  await addRepository(database, repository)
  const listener = createListener(database)
  const scope: Scope = { database, listener, repository, workerId, claim: null, clock, logger }
  return {
    repository,
    workerId,
    ...recordsOf(scope),
    under: (claim) => recordsOf({ ...scope, claim }),
    claims: createClaims(scope),
    workers: createWorkers(scope),
    locks: createLocks(scope),
    lanes: createLanes(scope),
    places: createPlaces(scope),
    role: () => database.read(readRole),
    close: async () => {
      await listener.close()
      await database.close()
    },
  }
}

function recordsOf(scope: Scope): Records {
  return {
    tasks: createTasks(scope),
    runs: createRuns(scope),
    events: createEvents(scope),
    interventions: createInterventions(scope),
    turns: createTurns(scope),
    gateCache: createGateCache(scope),
    effects: createEffects(scope),
  }
}

async function readRole(queries: Queries): Promise<Role> {
  const { rows } = await sql<Role>`
    select current_user as name, current_setting('is_superuser') = 'on' as "isSuperuser"`.execute(queries)
  return rows[0] ?? { name: '', isSuperuser: false }
}

async function addRepository(database: Database, id: string): Promise<void> {
  await database.write((queries) =>
    queries
      .insertInto('repositories')
      .values({ id })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  )
}
