import { CoxError, isCoxError } from '@coxswain/kernel'
import { sql } from 'kysely'
import type { Client } from 'pg'
import { isConnectionLoss } from './database/connection-loss.ts'
import type { Scope } from './scope.ts'

export interface Lock {
  /** Aborts with CoxError LOCK_LOST when the connection that holds the lock dies. */
  readonly signal: AbortSignal
  release(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Locks {
  /** Null when somebody holds it. */
  tryLock(name: string): Promise<Lock | null>
  /** Waits for the lock, runs the body under it. The body must stop when its signal aborts: the caller's reason, or LOCK_LOST. */
  withLock<T>(name: string, body: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

/** Locks among all processes on one database, each held by a connection of its own: a process that dies holds nothing. */
export function createLocks(scope: Scope): Locks {
  return {
    tryLock: (name) => tryLock(scope, name),
    withLock: async (name, body, signal) => {
      await using lock = await waitForLock(scope, name, signal)
      return await body(AbortSignal.any([lock.signal, signal]))
    },
  }
}

async function tryLock(scope: Scope, name: string): Promise<Lock | null> {
  const client = await scope.database.connect()
  let isHeld = false
  try {
    const statement = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked'
    const { rows } = await client.query<{ locked: boolean }>(statement, [keyOf(scope, name)])
    isHeld = rows[0]?.locked === true
    return isHeld ? held(client, name) : null
  } finally {
    if (!isHeld) await client.end().catch(() => {}) // it may be the connection that failed
  }
}

/** Through restarts of the server: a place in the queue that was lost with it is taken anew. */
async function waitForLock(scope: Scope, name: string, signal: AbortSignal): Promise<Lock> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await waitOnce(scope, name, signal)
    } catch (error) {
      if (!isConnectionLoss(error)) throw error
      await scope.database.read((queries) => sql`select 1`.execute(queries))
    }
  }
}

async function waitOnce(scope: Scope, name: string, signal: AbortSignal): Promise<Lock> {
  const client = await scope.database.connect('waits')
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  // The server does not notice that somebody who waits has left: it must be told.
  const leave = (): void => void endBackend(scope, rows[0]?.pid ?? 0)
  signal.addEventListener('abort', leave, { once: true })
  try {
    signal.throwIfAborted()
    await client.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [keyOf(scope, name)])
    signal.throwIfAborted()
    return held(client, name)
  } catch (error) {
    await client.end().catch(() => {}) // it may be the connection that failed
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** Not a cancellation: one that comes before the server has begun to wait counts for nothing. */
async function endBackend({ database, logger }: Scope, pid: number): Promise<void> {
  try {
    const client = await database.connect()
    await client.query('select pg_terminate_backend($1)', [pid]).finally(() => client.end())
  } catch (error) {
    logger.debug('could not stop waiting for a lock', { error: isCoxError(error) ? error.code : String(error) })
  }
}

function held(client: Client, name: string): Lock {
  const lost = new AbortController()
  client.once('end', () => lost.abort(lockLost(name)))
  const release = async (): Promise<void> => {
    await client.end().catch(() => {}) // a dead connection holds nothing
  }
  return { signal: lost.signal, release, [Symbol.asyncDispose]: release }
}

function lockLost(name: string): CoxError {
  return new CoxError('LOCK_LOST', `The lock "${name}" was lost with its database connection`, {
    hint: 'Run the same step again; it takes the lock anew.',
    data: { lock: name },
  })
}

function keyOf({ repository }: Scope, name: string): string {
  return `coxswain/${repository}/${name}`
}
