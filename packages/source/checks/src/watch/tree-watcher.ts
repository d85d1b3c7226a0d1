import { existsSync, mkdirSync, rmSync, watch, writeFileSync, type FSWatcher } from 'node:fs'
import { basename, join } from 'node:path'
import { milliseconds, type Clock } from '@coxswain/kernel'

/** What happened since the last question; `null` files: too much, or unknown, look at everything. */
export interface SeenChanges {
  readonly files: ReadonlySet<string> | null
}

export interface TreeWatcher {
  /** Waits until every change made before this call has been seen, and hands over all that were. */
  take(): Promise<SeenChanges>
  /** Folders to watch from now on. */
  follow(folders: ReadonlySet<string>): void
  close(): void
}

export interface WatcherOptions {
  /** Where a folder of the tree is. */
  readonly placeOf: (folder: string) => string
  /** A folder of the watcher's own, outside the tree. */
  readonly cookies: string
  readonly clock: Clock
}

/** Above this many events the kernel's queue may have lost some. */
const mostEvents = 4_000
const barrierTimeout = milliseconds(1_000)

interface State {
  readonly placeOf: (folder: string) => string
  readonly watchers: Map<string, FSWatcher>
  files: Set<string>
  events: number
  isUnsure: boolean
  cookie: number
  awaited: { readonly name: string; readonly resolve: () => void } | null
}

/**
 * Watches folders one by one and proves with a cookie that nothing is missing: all watches of a process share one queue,
 * so when the event of a file written now has arrived, every earlier one has too.
 */
export function createTreeWatcher(options: WatcherOptions): TreeWatcher {
  const state: State = {
    placeOf: options.placeOf,
    watchers: new Map(),
    files: new Set(),
    events: 0,
    isUnsure: process.platform !== 'linux',
    cookie: 0,
    awaited: null,
  }
  mkdirSync(options.cookies, { recursive: true, mode: 0o700 })
  const cookieWatcher = watch(options.cookies, { persistent: false }, (_, name) => {
    if (name === state.awaited?.name) state.awaited.resolve()
  })
  return {
    take: () => take(state, options),
    follow: (folders) => follow(state, folders),
    close: () => {
      cookieWatcher.close()
      for (const watcher of state.watchers.values()) watcher.close()
      rmSync(options.cookies, { recursive: true, force: true })
    },
  }
}

async function take(state: State, options: WatcherOptions): Promise<SeenChanges> {
  const isComplete = await passBarrier(state, options)
  const files = isComplete && !state.isUnsure && state.events <= mostEvents ? state.files : null
  state.files = new Set()
  state.events = 0
  state.isUnsure = process.platform !== 'linux'
  return { files }
}

async function passBarrier(state: State, { cookies, clock }: WatcherOptions): Promise<boolean> {
  const name = `cookie-${(state.cookie = (state.cookie + 1) % 1_000)}`
  const given = new AbortController()
  const arrived = new Promise<boolean>((resolve) => {
    state.awaited = { name, resolve: () => resolve(true) }
  })
  writeFileSync(join(cookies, name), String(state.cookie))
  const isComplete = await Promise.race([
    arrived,
    clock.sleep(barrierTimeout, given.signal).then(
      () => false,
      () => false,
    ),
  ])
  given.abort()
  state.awaited = null
  return isComplete
}

function follow(state: State, folders: ReadonlySet<string>): void {
  for (const [folder, watcher] of state.watchers) {
    if (folders.has(folder)) continue
    watcher.close()
    state.watchers.delete(folder)
  }
  for (const folder of folders) if (!state.watchers.has(folder)) watchFolder(state, folder)
}

/**
 * A folder that was removed or moved away is named by its own watch, as something in it of the same name would be. That watch, and those
 * below it, stay with what is gone: where a folder stands at the path again, it needs one of its own.
 */
function forget(state: State, folder: string): void {
  state.isUnsure = true
  const below = folder === '' ? '' : `${folder}/`
  for (const [path, watcher] of state.watchers) {
    if (path !== folder && !path.startsWith(below)) continue
    watcher.close()
    state.watchers.delete(path)
  }
}

function watchFolder(state: State, folder: string): void {
  const path = state.placeOf(folder)
  try {
    const watcher = watch(path, { persistent: false }, (kind, name) => {
      state.events++
      if (name === null) state.isUnsure = true
      else state.files.add(folder === '' ? name : `${folder}/${name}`)
      if (kind === 'rename' && name === basename(path)) forget(state, folder)
    })
    watcher.on('error', () => {
      state.isUnsure = true
      state.watchers.delete(folder)
    })
    state.watchers.set(folder, watcher)
  } catch {
    if (existsSync(path)) state.isUnsure = true // no watches left: the next look is at everything
  }
}
