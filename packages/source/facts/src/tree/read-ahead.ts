import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { gitFolders } from '@coxswain/host'
import { cacheFile } from '../cache/cache-file.ts'
import { findRoot } from './find-root.ts'
import type { Help } from './start-help.ts'

const started = new Map<string, Help>()

/**
 * Called first thing by a command that is going to read a repository: where nothing is known of a large one, a second thread starts
 * on it while this one is still loading its modules. Anything that is not as expected is left for the command itself to find out.
 */
export async function readAhead(folder: string, { cache }: { readonly cache: boolean }): Promise<void> {
  try {
    const { root } = findRoot(folder)
    if (availableParallelism() < 2 || !isLarge(root) || (cache && existsSync(cacheFile(root))) || hasExclusions(root)) return
    // Such a run is over before code is worth the time it takes to optimize it, once in each thread: a ninth of all.
    const { setFlagsFromString } = await import('node:v8')
    setFlagsFromString('--no-turbofan')
    const { startHelp } = await import('./start-help.ts')
    started.set(root, startHelp(root, null))
  } catch {
    return
  }
}

/** What is left out is known when the configuration is read: until then nothing may be. */
function hasExclusions(root: string): boolean {
  const file = join(root, 'harness/checks.yaml')
  return existsSync(file) && /^\s*["']?exclude["']?\s*:/m.test(readFileSync(file, 'utf8'))
}

/** The thread that has started on a repository, for whoever asks first. */
export function takeAhead(root: string): Help | null {
  const help = started.get(root) ?? null
  started.delete(root)
  return help
}

/** Of about 1,500 files, git's own list of them takes so many bytes: below that a second thread costs more than it saves. */
const largeIndex = 150_000

/** Whether a worktree has so many files that reading them all is work; false where that cannot be told at a glance. */
export function isLarge(root: string): boolean {
  try {
    return statSync(join(gitFolders(root).own, 'index')).size >= largeIndex
  } catch {
    return false
  }
}
