import { seconds, sleep, type Duration } from '@coxswain/kernel'
import { Client, type ClientBase, type ClientConfig } from 'pg'
import { isStalePlan } from './connection-loss.ts'

/** Statements that were seen so often are worth to be kept by the server; of those that differ each time none ever is. */
const worthKeeping = 3
const mostKept = 200

/** Longer than the sign of life of a worker counts: what waits so long has lost its run. */
const answerWithin = seconds(20)

/**
 * The server ends a session that holds a transaction open so long and asks nothing: one that was cut off in the middle of it would keep what it has locked
 * from all others. Said by a statement: a pooler may refuse it at the start.
 */
export function endIdleTransactions(client: Pick<ClientBase, 'query'>, limit: Duration = answerWithin): void {
  client.query(`set idle_in_transaction_session_timeout = ${Math.ceil(limit / 2)}`).catch(() => {}) // the next statement fails too
}

/** `answerWithin`: how long a statement may take, 20 s unless told otherwise. */
export type PreparingConfig = ClientConfig & { readonly answerWithin?: Duration | undefined }

/**
 * Asks a statement that comes again and again by a name: the server parses and plans it once for each connection. Where no answer comes in time, as from a
 * way that was cut without a word, the connection is given up, and who asked learns of it as of one that broke.
 */
export class PreparingClient extends Client {
  readonly #answerWithin: Duration

  constructor(config: PreparingConfig = {}) {
    super(config)
    this.#answerWithin = config.answerWithin ?? answerWithin
  }

  override query(...args: never[]): never {
    const [text, values, callback] = args as unknown as [unknown, unknown, unknown]
    const answered = this.#awaitAnswer()
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : null
    const asked: unknown[] = name === null ? args : [{ name, text, values }, ...(callback === undefined ? [] : [callback])]
    const last = asked.at(-1)
    if (typeof last === 'function')
      asked[asked.length - 1] = (...told: unknown[]): unknown => {
        answered()
        return last(...told) as unknown
      }
    const answer = (super.query as (...args: unknown[]) => unknown).apply(this, asked)
    if (answer instanceof Promise) answer.then(answered, answered)
    if (name !== null && answer instanceof Promise) answer.catch((error: unknown) => this.#leaveIfStale(error))
    return answer as never
  }

  /** Breaks the connection, unless what it returns is called in time. */
  #awaitAnswer(): () => void {
    const answered = new AbortController()
    const lost = Object.assign(new Error('the database did not answer in time'), { code: 'ECONNRESET' })
    void sleep(this.#answerWithin, answered.signal).then(
      // Not an orderly end, which DBOS would take for a failure of its own.
      () => void this.connection.stream.destroy(lost),
      () => {}, // answered
    )
    return () => answered.abort()
  }

  /** A table was changed by a newer version: this connection can no longer ask, a new one can. */
  #leaveIfStale(error: unknown): void {
    if (isStalePlan(error)) this.end().catch(() => {}) // its pool lets it go
  }
}

const seen = new Map<string, number>()
const names = new Map<string, string>()

function nameOf(text: string): string | null {
  const name = names.get(text)
  if (name !== undefined) return name
  if (names.size >= mostKept) return null
  const times = (seen.get(text) ?? 0) + 1
  if (times < worthKeeping) {
    if (seen.size >= mostKept) seen.clear()
    seen.set(text, times)
    return null
  }
  seen.delete(text)
  names.set(text, `coxswain_${names.size}`)
  return names.get(text) ?? null
}
