import type { FileFacts } from '../file-facts.ts'

/** Facts by path, read when they are asked for: most checks look at a few files of thousands. */
export interface LazyFacts extends ReadonlyMap<string, FileFacts> {
  set(path: string, facts: FileFacts): void
  /** Takes a file in without reading its facts. */
  defer(path: string): void
  delete(path: string): boolean
  /** The facts when they have been read. */
  peek(path: string): FileFacts | undefined
}

export interface FactSource {
  one(path: string): FileFacts
  /** Asked before all are walked through. */
  prepare(paths: readonly string[]): void
}

export function createLazyFacts(source: FactSource): LazyFacts {
  const known = new Map<string, FileFacts | null>()
  const read = (path: string): FileFacts => {
    const facts = source.one(path)
    known.set(path, facts)
    return facts
  }
  const get = (path: string): FileFacts | undefined => {
    const facts = known.get(path)
    return facts === null ? read(path) : facts
  }
  function* entries(): MapIterator<[string, FileFacts]> {
    source.prepare([...known.keys()].filter((path) => known.get(path) === null))
    for (const [path, facts] of known) yield [path, facts ?? read(path)]
  }
  function* values(): MapIterator<FileFacts> {
    for (const [, facts] of entries()) yield facts
  }
  return {
    get,
    has: (path) => known.has(path),
    peek: (path) => known.get(path) ?? undefined,
    set: (path, facts) => void known.set(path, facts),
    defer: (path) => void known.set(path, null),
    delete: (path) => known.delete(path),
    keys: () => known.keys(),
    entries,
    values,
    forEach(visit) {
      for (const [path, facts] of entries()) visit(facts, path, this)
    },
    get size() {
      return known.size
    },
    [Symbol.iterator]: entries,
  }
}
