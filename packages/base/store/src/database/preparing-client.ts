import { Client } from 'pg'
import { isStalePlan } from './connection-loss.ts'

/** Statements that were seen so often are worth to be kept by the server; of those that differ each time none ever is. */
const worthKeeping = 3
const mostKept = 200

/** Asks a statement that comes again and again by a name: the server parses and plans it once for each connection. */
export class PreparingClient extends Client {
  override query(...args: never[]): never {
    const [text, values, callback] = args as unknown as [unknown, unknown, unknown]
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : null
    const asked = name === null ? args : [{ name, text, values }, ...(callback === undefined ? [] : [callback])]
    const answer = (super.query as (...args: unknown[]) => unknown).apply(this, asked)
    if (name !== null && answer instanceof Promise) answer.catch((error: unknown) => this.#leaveIfStale(error))
    return answer as never
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
