import { CoxError, errorMessage, milliseconds, redact, type Clock, type Duration, type Logger } from '@coxswain/kernel'
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import { Client, Pool, types, type ClientConfig } from 'pg'
import { isConflict, isConnectionLoss, isStalePlan } from './connection-loss.ts'
import { migrate } from './migrate.ts'
import { endIdleTransactions, PreparingClient } from './preparing-client.ts'
import type { Tables } from './tables.ts'

export type Queries = Kysely<Tables> | Transaction<Tables>

export interface DatabaseOptions {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
  /** How long an operation waits for a server that does not answer. */
  readonly patience: Duration
  /** How long one statement may take; 20 s unless told otherwise. */
  readonly answerWithin?: Duration | undefined
  /** Called when the server does not answer, to start an embedded one again. */
  readonly revive?: (() => Promise<void>) | undefined
}

export interface Database {
  readonly options: DatabaseOptions
  /** Runs again after a lost connection: the operation must be idempotent. @throws CoxError DATABASE_UNREACHABLE */
  read<T>(operation: (queries: Queries) => Promise<T>): Promise<T>
  /** One transaction; it runs again as a whole after a lost connection, even when its commit may have happened: it must be keyed. @throws CoxError DATABASE_UNREACHABLE */
  write<T>(operation: (queries: Queries) => Promise<T>): Promise<T>
  /** One statement that writes, without the cost of a transaction; it may run again after its commit: it must be idempotent. @throws CoxError DATABASE_UNREACHABLE */
  single<T>(operation: (queries: Queries) => Promise<T>): Promise<T>
  /** A connection outside the pool, for a session that lasts. `waits`: its statements take as long as they take. @throws CoxError DATABASE_UNREACHABLE */
  connect(waits?: 'waits'): Promise<Client>
  /** The same without waiting for a server that does not answer. */
  connectOnce(): Promise<Client>
  revive(): Promise<void>
  close(): Promise<void>
}

/** Connects, brings the schema to our version. @throws CoxError DATABASE_UNREACHABLE, DATABASE_NEWER */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const revive = singleFlight(async () => options.revive?.())
  // At the start somebody waits in front of it, and most often the url is wrong.
  const patience = milliseconds(Math.min(options.patience, firstPatienceMs))
  await persist({ ...options, patience, revive }, async () => {
    const client = await connect(options, 'waits')
    await migrate(client).finally(() => client.end().catch(() => {}))
  })
  const pool = openPool(options)
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('coxswain')
  const retry = { ...options, revive }
  return {
    options,
    read: (operation) => persist(retry, () => operation(queries)),
    single: (operation) => persist(retry, () => operation(queries)),
    write: (operation) => persist(retry, () => queries.transaction().execute(operation)),
    connect: (waits) => persist(retry, () => connect(options, waits)),
    connectOnce: () => connect(options),
    revive,
    close: () => queries.destroy(),
  }
}

const firstPatienceMs = 3_000
const firstPauseMs = 25
const longestPauseMs = 1_000
const mostConflicts = 10

async function persist<T>(options: DatabaseOptions, operation: () => Promise<T>): Promise<T> {
  const { clock, logger, patience } = options
  const deadline = clock.now() + patience
  let conflicts = 0
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await operation()
    } catch (error) {
      if ((isConflict(error) || isStalePlan(error)) && ++conflicts <= mostConflicts) continue
      if (!isConnectionLoss(error)) throw explain(error)
      if (clock.now() >= deadline) throw unreachable(error)
      logger.debug('database does not answer, trying again', { error: errorMessage(error), pause })
      await options
        .revive?.()
        .catch((failure: unknown) => logger.warn('could not start the database again', { error: errorMessage(failure) }))
      await clock.sleep(milliseconds(pause))
    }
  }
}

function openPool(options: DatabaseOptions): Pool {
  const { answerWithin } = options
  const config = { ...connection(options), answerWithin, Client: PreparingClient, max: 6, idleTimeoutMillis: 30_000 }
  const pool = new Pool(config)
  const onError = (error: Error): void => options.logger.debug('database connection lost', { error: error.message })
  // A dying connection emits an error besides failing its query; without a listener that would end the process.
  pool.on('error', onError)
  pool.on('connect', (client) => {
    client.on('error', onError)
    endIdleTransactions(client, answerWithin)
  })
  return pool
}

async function connect(options: DatabaseOptions, waits?: 'waits'): Promise<Client> {
  const { answerWithin } = options
  const client =
    waits === undefined ? new PreparingClient({ ...connection(options), answerWithin }) : new Client(connection(options))
  client.on('error', (error) => options.logger.debug('database connection lost', { error: error.message }))
  await client.connect()
  return client
}

function connection(options: DatabaseOptions): ClientConfig {
  return {
    connectionString: options.url,
    connectionTimeoutMillis: 10_000,
    application_name: 'coxswain',
    keepAlive: true,
    types: { getTypeParser },
  }
}

/** Counters and milliseconds stay far below 2^53. */
const getTypeParser: typeof types.getTypeParser = (type, format) =>
  type === types.builtins.INT8 ? Number : types.getTypeParser(type, format)

/** Errors of a wrong url or account: waiting does not help. */
const refusals: Readonly<Record<string, string>> = {
  '28P01': 'Check the user and the password in the database url.',
  '28000': 'Check that this user may connect to the database.',
  '3D000': 'Create the database, or correct its name in the database url.',
  '42501': 'Give this user the right to create a schema in the database.',
  ENOTFOUND: 'Check the host name in the database url.',
}

const diskFull = '53100'

function explain(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === diskFull) {
    return new CoxError('DISK_FULL', `The database found no space: ${errorMessage(error)}`, {
      hint: 'Free disk space, then run the same command again; nothing was lost.',
      cause: error,
    })
  }
  const hint = refusals[code]
  if (hint === undefined) return error
  return new CoxError('DATABASE_UNREACHABLE', `The database refused us: ${errorMessage(error)}`, {
    hint,
    data: { code },
    cause: error,
  })
}

function unreachable(cause: unknown): CoxError {
  return new CoxError('DATABASE_UNREACHABLE', `The database does not answer: ${redact(errorMessage(cause))}`, {
    hint: 'Check that Postgres runs and that the database url is right; nothing written so far is lost.',
    cause,
  })
}

function singleFlight(run: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  return () => {
    current ??= run().finally(() => {
      current = undefined
    })
    return current
  }
}
