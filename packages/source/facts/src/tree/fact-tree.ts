import { availableParallelism } from 'node:os'
import { systemClock } from '@coxswain/host'
import type { FactCache } from '../cache/fact-cache.ts'
import type { Snapshot, Stamp } from '../cache/snapshot.ts'
import type { Scan } from '../extract/extract-facts.ts'
import type { FileFacts } from '../file-facts.ts'
import { packGraph } from './packed-graph.ts'
import { createFactStore, type FactStore } from './fact-store.ts'
import { createLazyFacts, type LazyFacts } from './lazy-facts.ts'
import { listFiles } from './list-files.ts'
import { isEnough, readContent, readFileFacts, statOf, type Look } from './read-file-facts.ts'
import { takeAhead } from './read-ahead.ts'
import { shareFiles } from './share-files.ts'
import type { Help, HelpMessage } from './start-help.ts'

export interface TreeChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What the last saving run knew, and what has changed since. */
export interface EarlierState {
  readonly snapshot: Snapshot
  readonly change: TreeChange
  /** Facts a file had then; undefined when they are forgotten. */
  factsBefore(path: string): FileFacts | undefined
}

/** The facts of every file of a worktree; the owner of what is known about it. */
export interface FactTree {
  readonly root: string
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly isGit: boolean
  readonly counts: { readonly read: number; readonly parsed: number }
  /** Of the files that count as source. */
  readonly totals: { readonly files: number; readonly lines: number; readonly bytes: number }
  /** Whether a look at it has been saved; known as soon as the first refresh has begun. */
  readonly wasSaved: boolean
  /** After the first look; null when there was nothing to compare with. */
  readonly earlier: EarlierState | null
  /** Looks at every file again; the first time, what changed since the tree was saved. */
  refresh(signal?: AbortSignal): Promise<TreeChange>
  /** Looks at these files only; each must have been listed before. */
  refreshFiles(paths: readonly string[]): TreeChange
  /** Current text of a file; empty when it is gone. */
  textOf(path: string): string
  /** Keeps new facts; with the graph and notes, also how the tree is now. */
  save(now?: TreeNotes): void
}

export interface TreeNotes {
  readonly targetsOf: (path: string) => Iterable<string>
  /** Asked only where they can be kept. */
  readonly notes: () => string
}

export interface TreeOptions {
  /** What of a file is looked at; all of it when nothing is said. */
  readonly scanOf?: (path: string, bytes: number) => Scan
  /** What nearly all files are looked at for. */
  readonly scan?: Scan
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly read: number
  readonly of: number
  readonly path: string
}

interface State {
  readonly options: TreeOptions
  readonly root: string
  readonly cache: FactCache | null
  readonly facts: LazyFacts
  readonly stamps: Map<string, Stamp>
  readonly store: FactStore
  readonly linesBefore: Map<string, number>
  earlier: EarlierState | null
  isGit: boolean
  isLoaded: boolean
  read: number
  parsed: number
  looked: number
}

export function createFactTree(root: string, cache: FactCache | null, options: TreeOptions = {}): FactTree {
  const state = createState(root, cache, options)
  return {
    root,
    facts: state.facts,
    get isGit() {
      return state.isGit
    },
    get counts() {
      return { read: state.read, parsed: state.parsed }
    },
    get totals() {
      return addUp(state)
    },
    get wasSaved() {
      return state.linesBefore.size > 0
    },
    get earlier() {
      return state.earlier
    },
    refresh: (signal) => refresh(state, signal),
    refreshFiles: (paths) => lookAt(state, paths),
    textOf: (path) => readText(`${root}/${path}`),
    save: (now) => save(state, now),
  }
}

function createState(root: string, cache: FactCache | null, options: TreeOptions): State {
  const stamps = new Map<string, Stamp>()
  const store = createFactStore(cache)
  const facts = createLazyFacts({
    one: (path) => store.get(stamps.get(path)?.[4] ?? '') ?? readAgain(root, path),
    prepare: (paths) => store.prepare(new Set(paths.map((path) => stamps.get(path)?.[4] ?? ''))),
  })
  return {
    options,
    root,
    cache,
    facts,
    stamps,
    store,
    linesBefore: new Map(),
    earlier: null,
    isGit: false,
    isLoaded: false,
    read: 0,
    parsed: 0,
    looked: 0,
  }
}

/** The cache lost what it had: another process may have pruned it. */
function readAgain(root: string, path: string): FileFacts {
  const stats = statOf(`${root}/${path}`)
  return readFileFacts(root, { path, stats, now: systemClock.now() }, () => undefined).facts
}

async function refresh(state: State, signal?: AbortSignal): Promise<TreeChange> {
  const ahead = state.isLoaded ? null : takeAhead(state.root)
  const listing = ahead?.listed() ?? listFiles(state.root, signal)
  const snapshot = state.isLoaded ? null : loadSnapshot(state)
  const list = await listing
  state.isGit = list.isGit
  const listed = new Set(list.paths)
  const gone = [...state.facts.keys()].filter((path) => !listed.has(path))
  const { scan = 'full' } = state.options
  const unread = list.paths.filter((path) => !state.stamps.has(path) && scanOf(state, path, 0) === scan)
  const canHelp = unread.length >= worthHelp && availableParallelism() > 1
  const help = ahead ?? (canHelp ? (await import('./start-help.ts')).startHelp(state.root, unread, scan) : null)
  const helped = help === null ? null : await readWithHelp(state, help, { paths: ahead === null ? unread : list.paths, listed })
  const rest = helped === null ? list.paths : list.paths.filter((path) => !helped.done.has(path))
  const looked = lookAt(state, [...rest, ...gone], listed)
  const change = helped === null ? looked : { ...looked, added: [...helped.added, ...looked.added].toSorted() }
  const factsBefore = (path: string): FileFacts | undefined => state.store.get(snapshot?.files.get(path)?.[4] ?? '')
  if (snapshot !== null) state.earlier = { snapshot, change, factsBefore }
  return change
}

/** While git lists the files, what was known of them is read. */
function loadSnapshot(state: State): Snapshot | null {
  state.isLoaded = true
  const snapshot = state.cache?.loadSnapshot(state.root) ?? null
  let at = 0
  for (const [path, stamp] of snapshot?.files ?? []) {
    state.stamps.set(path, stamp)
    state.facts.defer(path)
    state.linesBefore.set(path, snapshot?.lines[at++] ?? -1)
  }
  return snapshot
}

/** Below this many files a second thread costs more than it saves. */
const worthHelp = 1_500

interface Share {
  readonly paths: readonly string[]
  readonly listed: ReadonlySet<string>
}

interface Helped {
  readonly done: ReadonlySet<string>
  readonly added: readonly string[]
}

/** Two threads take chunks from one counter; what the helper read arrives as text and is stored as it came. */
async function readWithHelp(state: State, help: Help, { paths, listed }: Share): Promise<Helped> {
  const done = new Set<string>()
  const added: string[] = []
  const look = (chunk: readonly string[]): void => {
    for (const path of chunk) done.add(path)
    added.push(...lookAt(state, chunk, listed).added)
  }
  const { own, common } = shareFiles(paths)
  look(own)
  for (let chunk = help.take(common); chunk !== null; chunk = help.take(common)) {
    look(chunk)
    for (const message of await help.arrived()) takeIn(state, message, { done, added })
  }
  for (const message of await help.rest()) takeIn(state, message, { done, added })
  return { done, added }
}

/** Facts are read here and not when somebody asks for them: as long as the helper works, that is time it spares. */
function takeIn(
  state: State,
  { facts = [], stamps = [] }: HelpMessage,
  { done, added }: { readonly done: Set<string>; readonly added: string[] },
): void {
  for (const [key, text] of facts) state.store.addText(key, text)
  state.read += stamps.length
  state.parsed += facts.length
  for (const [path, stamp] of stamps) {
    done.add(path)
    if (!state.facts.has(path)) added.push(path)
    state.stamps.set(path, stamp)
    state.facts.defer(path)
    state.facts.get(path)
  }
}

function lookAt(state: State, paths: readonly string[], listed?: ReadonlySet<string>): TreeChange {
  const now = systemClock.now()
  const change = { added: [] as string[], removed: [] as string[], changed: [] as string[] }
  for (const path of paths) {
    const stats = listed === undefined || listed.has(path) ? statOf(`${state.root}/${path}`) : null
    const was = state.stamps.get(path)
    const scan = scanOf(state, path, stats?.size ?? 0)
    tell(state, path, listed?.size ?? paths.length)
    if (stats === null || !stats.isFile()) {
      state.stamps.delete(path)
      if (state.facts.delete(path)) change.removed.push(path)
    } else if (was === undefined || !isOfStamp(stats, was) || !isEnough(was[4], scan)) {
      const isKnown = state.facts.has(path)
      const key = take(state, { path, stats, now, scan })
      if (!isKnown) change.added.push(path)
      else if (key === null || key !== was?.[4]) change.changed.push(path)
    }
  }
  return change
}

function scanOf({ options }: State, path: string, bytes: number): Scan {
  return options.scanOf?.(path, bytes) ?? 'full'
}

function tell(state: State, path: string, of: number): void {
  state.looked++
  if (state.looked % 64 === 0) state.options.onProgress?.({ read: state.looked, of, path })
}

function isOfStamp(stats: NonNullable<Look['stats']>, stamp: Stamp): boolean {
  return stamp[0] === stats.size && stamp[1] === stats.mtimeMs && stamp[2] === stats.ctimeMs && stamp[3] === stats.ino
}

/** Reads a file and what its content says; the content's key, or null when it cannot be read. */
function take(state: State, look: Look): string | null {
  const { path } = look
  const { stamp, facts, isNew } = readFileFacts(state.root, look, (key) => state.store.get(key))
  const was = state.stamps.get(path)?.[4]
  state.facts.set(path, facts)
  if (stamp === null) {
    state.stamps.delete(path)
    return null
  }
  state.read++
  state.stamps.set(path, stamp)
  if (isNew) state.parsed++
  state.store.add(stamp[4], facts, isNew)
  if (was !== undefined && was !== stamp[4]) state.store.release(was)
  return stamp[4]
}

function addUp({ facts, stamps, linesBefore }: State): FactTree['totals'] {
  const sum = { files: 0, lines: 0, bytes: 0 }
  for (const path of facts.keys()) {
    const known = facts.peek(path) ?? (linesBefore.has(path) ? undefined : facts.get(path))
    const lines = known === undefined ? (linesBefore.get(path) ?? -1) : linesOf(known)
    if (lines === -1) continue
    sum.files++
    sum.lines += lines
    sum.bytes += known?.bytes ?? stamps.get(path)?.[0] ?? 0
  }
  return sum
}

function linesOf(facts: FileFacts): number {
  return facts.kind === 'source' ? facts.lines : -1
}

function readText(path: string): string {
  const content = readContent(path)
  return typeof content === 'string' ? '' : content.toString('utf8')
}

function save(state: State, now?: TreeNotes): void {
  if (state.cache === null) return
  const snapshot = now === undefined ? null : takeSnapshot(state, now)
  const facts = state.store.takeFresh()
  if (snapshot !== null || facts.length > 0) state.cache.save({ root: state.root, facts, snapshot })
}

function takeSnapshot({ stamps, facts, linesBefore }: State, { targetsOf, notes }: TreeNotes): Snapshot {
  const paths = [...stamps.keys()]
  const lines = paths.map((path) => {
    const known = facts.peek(path) ?? (linesBefore.has(path) ? undefined : facts.get(path))
    return known === undefined ? (linesBefore.get(path) ?? -1) : linesOf(known)
  })
  return { files: stamps, lines: Int32Array.from(lines), graph: packGraph(paths, targetsOf), notes: notes() }
}
