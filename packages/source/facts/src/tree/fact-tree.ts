import { hash } from 'node:crypto'
import { lstatSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import type { FactCache, Stamp } from '../cache/fact-cache.ts'
import { extractFacts, kindOf } from '../extract/extract-facts.ts'
import { emptyFacts, type FileFacts } from '../file-facts.ts'
import { listFiles } from './list-files.ts'

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
  return lookAt(state, [...list.paths, ...gone], listed)
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

interface Look {
  readonly path: string
  readonly stats: Stats
  readonly now: number
}

/** A file written twice within the file system's time step keeps its stamp: so young a stamp is not trusted again. */
const settleMs = 50

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

function readFacts(state: State, { path, stats, now }: Look): FileFacts {
  const content = readContent(join(state.root, path))
  state.isStale = true
  if (typeof content === 'string') {
    state.stamps.delete(path)
    return { ...emptyFacts(stats.size), problem: { line: 1, message: content } }
  }
  state.read++
  const key = keyOf(path, content)
  const known = state.byKey.get(key)
  const facts = known ?? extractFacts(path, content)
  if (known === undefined) {
    state.byKey.set(key, facts)
    state.fresh.set(key, facts)
    state.parsed++
  }
  const isSettled = now - Math.max(stats.mtimeMs, stats.ctimeMs) > settleMs
  state.stamps.set(path, [isSettled ? stats.size : -1, stats.mtimeMs, stats.ctimeMs, stats.ino, key])
  return facts
}

function keyOf(path: string, content: Buffer): string {
  const kind = kindOf(path)
  const grammar = kind === 'source' ? path.slice(path.lastIndexOf('.') + 1) : kind
  return `${hash('sha1', content, 'base64url')}.${grammar}`
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null // a parent became a file, or may not be searched: for the check the file is gone
  }
}

const largestRead = 64 * 1024 * 1024

/** The content, or a sentence why there is none. */
function readContent(path: string): Buffer | string {
  try {
    const content = readFileSync(path)
    return content.length > largestRead ? content.subarray(0, largestRead) : content
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return code === 'ENOENT' ? 'vanished while it was read' : `cannot be read (${code})`
  }
}

function readText(path: string): string {
  const content = readContent(path)
  return typeof content === 'string' ? '' : content.toString('utf8')
}

function save(state: State): void {
  if (state.cache === null || !state.isStale) return
  state.cache.save({ root: state.root, facts: state.fresh, stamps: state.stamps })
  state.fresh.clear()
  state.isStale = false
}
