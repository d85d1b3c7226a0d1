import { errorMessage, type Clock, milliseconds, type Logger } from '@coxswain/kernel'
import pg from 'pg'

export interface PatientPoolOptions {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
}

export interface PatientPool {
  readonly pool: pg.Pool
  /** Stops waiting for a server: connecting fails at once. */
  giveUp(): void
  /** Ends the connections. Abandoned executions that ask for one afterwards wait for ever instead of failing. */
  end(): Promise<void>
}

type Callback = (...args: readonly unknown[]) => void

/** DBOS takes only some lost connections for lost, and fails the workflow on the others (ENOENT and EPIPE of unix sockets among them); this text is one it knows. */
const knownLoss = 'Connection terminated unexpectedly'
const losses = new Set(['ENOENT', 'EPIPE', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])
const lossSentences = /Client was closed|not queryable|Connection terminated/

/** Connections for DBOS which outlast a restart of the server: connecting waits until it answers. */
export function createPatientPool({ url, clock, logger }: PatientPoolOptions): PatientPool {
  const waiting = new AbortController()
  let isEnded = false
  const pool = new pg.Pool({
    connectionString: url,
    Client: PatientClient,
    max: 6,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'coxswain-engine',
    keepAlive: true,
  })
  const onError = (error: Error): void => logger.debug('engine database connection lost', { error: error.message })
  // A dying connection emits an error besides failing its query; without a listener that would end the process.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  const connectOnce = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const connect = async (): Promise<pg.PoolClient> => {
    for (let pause = 25; ; pause = Math.min(pause * 2, 1_000)) {
      if (isEnded) return new Promise<never>(() => {})
      try {
        return await connectOnce()
      } catch (error) {
        if (waiting.signal.aborted || !isLoss(error)) throw asKnownLoss(error)
        logger.debug('engine waits for the database', { error: errorMessage(error), pause })
        await clock.sleep(milliseconds(pause), waiting.signal).catch(() => {}) // given up: the next attempt is the last
      }
    }
  }
  pool.connect = withCallback(connect) as typeof pool.connect
  return {
    pool,
    giveUp: () => waiting.abort(),
    end: async () => {
      isEnded = true
      await pool.end()
    },
  }
}

/** `pg.Pool.query` calls `connect` with a callback, everybody else awaits it. */
function withCallback(connect: () => Promise<pg.PoolClient>) {
  return (callback?: Callback): Promise<pg.PoolClient> | undefined => {
    const connected = connect()
    if (callback === undefined) return connected
    connected.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: unknown) => callback(error, undefined, () => {}),
    )
    return undefined
  }
}

class PatientClient extends pg.Client {
  // The overloads of the driver cannot be expressed by one implementation.
  override query: pg.Client['query'] = ((...args: readonly unknown[]) => {
    const last = args.at(-1)
    const query = pg.Client.prototype.query.bind(this) as (...args: readonly unknown[]) => unknown
    if (typeof last === 'function') {
      const callback = last as Callback
      return query(...args.slice(0, -1), (error: unknown, result: unknown) => callback(error && asKnownLoss(error), result))
    }
    const result = query(...args)
    return result instanceof Promise ? result.catch((error: unknown) => Promise.reject(asKnownLoss(error))) : result
  }) as pg.Client['query']
}

function isLoss(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isLoss)
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  const isServerDown = ['08', '53', '57'].includes(code.slice(0, 2)) && code.length === 5 && code !== '57014'
  return (
    isServerDown ||
    losses.has(code) ||
    lossSentences.test(error.message) ||
    /timeout exceeded when trying to connect/.test(error.message)
  )
}

function asKnownLoss(error: unknown): unknown {
  return isLoss(error) ? new Error(knownLoss, { cause: error }) : error
}
