import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import type { FactCache, Stamp } from '../cache/fact-cache.ts'
import type { FileFacts } from '../file-facts.ts'
import { listFiles } from './list-files.ts'
import { readContent, readFileFacts, statOf, type Look } from './read-file-facts.ts'
import { startHelp } from './start-help.ts'

export interface TreeChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** The facts of every file of a worktree; the owner of what is known about it. */
export interface FactTree {
  readonly root: string
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly isGit: boolean
  readonly counts: { readonly read: number; readonly parsed: number }
  /** Looks at every file again. */
  refresh(signal?: AbortSignal): Promise<TreeChange>
  /** Looks at these files only; each must have been listed before. */
  refreshFiles(paths: readonly string[]): TreeChange
  /** Current text of a file; empty when it is gone. */
  textOf(path: string): string
  save(): void
}

interface State {
  readonly root: string
  readonly cache: FactCache | null
  readonly facts: Map<string, FileFacts>
  readonly stamps: Map<string, Stamp>
  readonly byKey: Map<string, FileFacts>
  readonly fresh: Map<string, FileFacts>
  /** Facts a helper read, as the text it sent. */
  readonly segments: string[]
  isGit: boolean
  isLoaded: boolean
  isStale: boolean
  read: number
  parsed: number
}

export function createFactTree(root: string, cache: FactCache | null): FactTree {
  const state: State = {
    root,
    cache,
    facts: new Map(),
    stamps: new Map(),
    byKey: new Map(),
    fresh: new Map(),
    segments: [],
    isGit: false,
    isLoaded: false,
    isStale: false,
    read: 0,
    parsed: 0,
  }
  return {
    root,
    facts: state.facts,
    get isGit() {
      return state.isGit
    },
    get counts() {
      return { read: state.read, parsed: state.parsed }
    },
    refresh: (signal) => refresh(state, signal),
    refreshFiles: (paths) => lookAt(state, paths),
    textOf: (path) => readText(join(root, path)),
    save: () => save(state),
  }
}

async function refresh(state: State, signal?: AbortSignal): Promise<TreeChange> {
  const listing = listFiles(state.root, signal)
  if (!state.isLoaded) loadCache(state)
  const list = await listing
  state.isGit = list.isGit
  const listed = new Set(list.paths)
  const gone = [...state.facts.keys()].filter((path) => !listed.has(path))
  const unread = list.paths.filter((path) => !state.stamps.has(path))
  const helped = unread.length < worthHelp ? null : await readWithHelp(state, unread, listed)
  const rest = helped === null ? list.paths : list.paths.filter((path) => !helped.done.has(path))
  const change = lookAt(state, [...rest, ...gone], listed)
  return helped === null ? change : { ...change, added: [...helped.added, ...change.added].toSorted() }
}

/** Below this many files a second thread costs more than it saves. */
const worthHelp = 1_500

interface Helped {
  readonly done: ReadonlySet<string>
  readonly added: readonly string[]
}

/** Two threads take chunks from one counter; what the helper read arrives as text and is stored as it came. */
async function readWithHelp(state: State, paths: readonly string[], listed: ReadonlySet<string>): Promise<Helped | null> {
  const help = startHelp(state.root, paths)
  if (help === null) return null
  const done = new Set<string>()
  const added: string[] = []
  for (let chunk = help.take(); chunk !== null; chunk = help.take()) {
    for (const path of chunk) done.add(path)
    added.push(...lookAt(state, chunk, listed).added)
  }
  const result = await help.result()
  for (const [key, facts] of result.facts) state.byKey.set(key, facts)
  state.read += result.stamps.length
  state.parsed += result.facts.length
  state.segments.push(result.segment)
  state.isStale = true
  for (const [path, stamp] of result.stamps) state.stamps.set(path, stamp)
  return { done, added }
}

/** While git lists the files, the cache is read. */
function loadCache(state: State): void {
  state.isLoaded = true
  if (state.cache === null) return
  const stamps = state.cache.loadStamps(state.root)
  for (const [path, stamp] of stamps) state.stamps.set(path, stamp)
  for (const [key, facts] of state.cache.load()) state.byKey.set(key, facts)
}

function lookAt(state: State, paths: readonly string[], listed?: ReadonlySet<string>): TreeChange {
  const now = systemClock.now()
  const change = { added: [] as string[], removed: [] as string[], changed: [] as string[] }
  for (const path of paths) {
    const before = state.facts.get(path)
    const stats = listed === undefined || listed.has(path) ? statOf(join(state.root, path)) : null
    if (stats === null || !stats.isFile()) {
      if (state.stamps.delete(path)) state.isStale = true
      if (state.facts.delete(path)) change.removed.push(path)
      continue
    }
    const facts = factsOf(state, { path, stats, now })
    state.facts.set(path, facts)
    if (before === undefined) change.added.push(path)
    else if (before !== facts) change.changed.push(path)
  }
  return change
}

function factsOf(state: State, look: Look): FileFacts {
  const { path, stats } = look
  const stamp = state.stamps.get(path)
  if (
    stamp !== undefined &&
    stamp[0] === stats.size &&
    stamp[1] === stats.mtimeMs &&
    stamp[2] === stats.ctimeMs &&
    stamp[3] === stats.ino
  ) {
    const known = state.byKey.get(stamp[4])
    if (known !== undefined) return known
  }
  return readFacts(state, look)
}

function readFacts(state: State, look: Look): FileFacts {
  state.isStale = true
  const reading = readFileFacts(state.root, look, (key) => state.byKey.get(key))
  if (reading.stamp === null) {
    state.stamps.delete(look.path)
    return reading.facts
  }
  state.read++
  state.stamps.set(look.path, reading.stamp)
  const key = reading.stamp[4]
  if (!state.byKey.has(key)) {
    state.byKey.set(key, reading.facts)
    state.fresh.set(key, reading.facts)
    state.parsed++
  }
  return reading.facts
}

function readText(path: string): string {
  const content = readContent(path)
  return typeof content === 'string' ? '' : content.toString('utf8')
}

function save(state: State): void {
  if (state.cache === null || !state.isStale) return
  state.cache.save({ root: state.root, facts: state.fresh, segments: state.segments, stamps: state.stamps })
  state.fresh.clear()
  state.segments.length = 0
  state.isStale = false
}
