import type { FactCache } from '../cache/fact-cache.ts'
import type { FileFacts } from '../file-facts.ts'

/** Facts by content key: in memory, as text from a helper, or in the cache. */
export interface FactStore {
  get(key: string): FileFacts | undefined
  add(key: string, facts: FileFacts, isNew: boolean): void
  addText(key: string, text: string): void
  /** No longer the content of the file that had it. */
  release(key: string): void
  /** Reads many from the cache at once. */
  prepare(keys: ReadonlySet<string>): void
  /** What the cache does not have yet. */
  takeFresh(): (readonly [key: string, text: string])[]
}

/** A service that runs for days must not keep everything it ever read. */
const mostFresh = 500

export function createFactStore(cache: FactCache | null): FactStore {
  const known = new Map<string, FileFacts>()
  const fresh = new Map<string, string | null>()
  const parsed = (key: string): FileFacts | undefined => {
    const text = fresh.get(key)
    // Kept for the cache alone.
    if (cache === null) fresh.delete(key)
    // cox-allow parse-at-boundary owner=facts until=2027-06-30 reason=written by our own thread a moment ago
    return typeof text === 'string' ? (JSON.parse(text) as FileFacts) : cache?.get(key)
  }
  return {
    get: (key) => {
      const found = known.get(key) ?? parsed(key)
      if (found !== undefined) known.set(key, found)
      return found
    },
    add: (key, facts, isNew) => {
      known.set(key, facts)
      if (isNew) fresh.set(key, null)
    },
    addText: (key, text) => void fresh.set(key, text),
    release: (key) => {
      if (cache === null || fresh.size > mostFresh) fresh.delete(key)
      if (fresh.get(key) !== null) known.delete(key)
    },
    prepare: (keys) => {
      const wanted = new Set([...keys].filter((key) => !known.has(key) && !fresh.has(key)))
      for (const [key, facts] of cache?.getAll(wanted) ?? []) known.set(key, facts)
    },
    takeFresh: () => {
      const list = [...fresh].map(([key, text]) => [key, text ?? JSON.stringify(known.get(key))] as const)
      fresh.clear()
      return list
    },
  }
}
