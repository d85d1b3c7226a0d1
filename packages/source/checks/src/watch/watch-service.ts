import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@coxswain/host'
import { createFactTree, openCache, type FactTree } from '@coxswain/facts'
import { openSession, type CheckSession } from '../engine/check-session.ts'
import { today } from '../engine/evaluator.ts'
import { readProtected } from '../extra/git-changes.ts'
import type { Finding } from '../finding.ts'
import { lookFirst } from './look-first.ts'
import { placeOf, watchedFolders } from './watched-folders.ts'
import { createTreeWatcher, type TreeWatcher } from './tree-watcher.ts'

/** Keeps a worktree checked. Owner of one session and its watches; questions are answered one at a time. */
export interface WatchService {
  readonly tree: FactTree
  readonly session: CheckSession
  /** What is wrong right now: as a cold run would say it. */
  check(): Promise<readonly Finding[]>
  close(): void
}

export interface ServiceOptions {
  readonly root: string
  /** A folder outside the repository for the service's own files. */
  readonly stateFolder: string
  readonly cache?: boolean
}

export async function startWatchService(options: ServiceOptions): Promise<WatchService> {
  const cache = options.cache === false ? null : openCache(options.root)
  if (cache !== null) await lookFirst(options.root, cache)
  const tree = createFactTree(options.root, cache)
  const watcher = createTreeWatcher({
    placeOf: (folder) => placeOf(options.root, folder),
    cookies: join(options.stateFolder, 'cookies'),
    clock: systemClock,
  })
  const session = await openSession({ tree, before: () => readProtected(options.root, 'HEAD') })
  const rescan = async (): Promise<void> => {
    // Watch first, look afterwards: what changes in between is then seen by one of the two.
    watcher.follow(await watchedFolders(options.root))
    await session.rescan()
    watcher.follow(await watchedFolders(options.root))
  }
  // The first look was made before the watches were set.
  await rescan()
  session.save()
  let last: Promise<unknown> = Promise.resolve()
  return {
    tree,
    session,
    check: () => {
      const answer = last.then(() => answerNow({ session, tree, watcher, rescan }))
      last = answer.catch(() => {})
      return answer
    },
    close: () => {
      watcher.close()
      cache?.close()
    },
  }
}

interface Asked {
  readonly session: CheckSession
  readonly tree: FactTree
  readonly watcher: TreeWatcher
  readonly rescan: () => Promise<void>
}

async function answerNow({ session, tree, watcher, rescan }: Asked): Promise<readonly Finding[]> {
  const { files } = await watcher.take()
  const edits = files === null ? null : planTouch(files, tree)
  if (edits === null || session.isOutdated || session.day !== today()) await rescan()
  else if (edits.length > 0) await session.touch(edits)
  return session.findings()
}

/** Files to read again; null when the change may alter which files there are, or what they are compared with. */
function planTouch(files: ReadonlySet<string>, tree: FactTree): string[] | null {
  const edits: string[] = []
  for (const path of files) {
    const isKnown = tree.facts.has(path)
    if (isIrrelevant(path)) continue
    if (/(?:^|\/)\.gitignore$|^\.git\/|^harness\/|^\.github\//.test(path)) return null
    const isThere = isFile(join(tree.root, path))
    if (isKnown !== isThere) return null
    if (isKnown) edits.push(path)
    // Neither known nor a file: a temporary name that is gone again, or a folder.
    else if (existsSync(join(tree.root, path))) return null
  }
  return edits
}

/** Inside `.git` only what decides about lists and comparisons counts; git writes there at every command. */
function isIrrelevant(path: string): boolean {
  return path.startsWith('.git/') && !/^\.git\/(?:index|(?:logs\/)?HEAD|info\/exclude)$/.test(path)
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
