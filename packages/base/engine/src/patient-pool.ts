import { Socket } from 'node:net'
import { callbackify } from 'node:util'
import { errorMessage, milliseconds, type Clock, type Logger } from '@coxswain/kernel'
import { endIdleTransactions, PreparingClient } from '@coxswain/store'
import { Pool, type PoolClient } from 'pg'
import { isConnectionLoss } from './connection-loss.ts'

export interface PatientPoolOptions {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
}

type ConnectCallback = (error: Error | undefined, client: PoolClient | undefined, done: () => void) => void

/** Connections for DBOS which outlast a restart of the server: connecting waits until it answers. */
export class PatientPool extends Pool {
  readonly #options: PatientPoolOptions
  readonly #waiting = new AbortController()

  constructor(options: PatientPoolOptions) {
    super({
      connectionString: options.url,
      stream: openSocket,
      Client: PreparingClient,
      max: 6,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 10_000,
      application_name: 'coxswain-engine',
      keepAlive: true,
    })
    this.#options = options
    const onError = (error: Error): void => options.logger.debug('engine lost a database connection', { error: error.message })
    // A dying connection emits an error besides failing its query; without a listener that would end the process.
    this.on('error', onError)
    this.on('connect', (client) => {
      client.on('error', onError)
      endIdleTransactions(client)
    })
  }

  override connect(): Promise<PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<PoolClient> | void {
    const connect = (): Promise<PoolClient> => this.#connectPatiently()
    if (callback === undefined) return connect()
    callbackify(connect)((error, client) => callback(error ?? undefined, client, () => client.release()))
  }

  /** Stops waiting for a server: connecting fails at once. */
  giveUp(): void {
    this.#waiting.abort()
  }

  hasGivenUp(): boolean {
    return this.#waiting.signal.aborted
  }

  async #connectPatiently(): Promise<PoolClient> {
    for (let pause = 25; ; pause = Math.min(pause * 2, 1_000)) {
      // An abandoned execution asks after the end: it waits for ever, because failing would be recorded as its result.
      if (this.ended || this.ending) return new Promise<never>(() => {})
      try {
        return await super.connect()
      } catch (error) {
        if (this.#waiting.signal.aborted || !isConnectionLoss(error)) throw error
        this.#options.logger.debug('engine waits for the database', { error: errorMessage(error), pause })
        await this.#options.clock.sleep(milliseconds(pause), this.#waiting.signal).catch(() => {}) // given up: the next attempt is the last
      }
    }
  }
}

/** DBOS fails a workflow on these two, which unix sockets have; the others it takes for what they are, a server that will be back. */
const renamed: Readonly<Record<string, string>> = { ENOENT: 'ECONNREFUSED', EPIPE: 'ECONNRESET' }

function openSocket(): Socket {
  const socket = new Socket()
  // Before the listeners of the driver, which hand this very error to the queries.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    error.code = renamed[error.code ?? ''] ?? error.code
  })
  return socket
}
