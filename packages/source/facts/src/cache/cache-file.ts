import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readEnvironment } from '@coxswain/host'

/** Where the facts of a repository are kept: outside it, in one file for all its worktrees. */
export function cacheFile(root: string): string {
  const environment = readEnvironment()
  const base = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? root, '.cache')
  const id = createHash('sha256').update(commonDirectory(root)).digest('hex').slice(0, 16)
  return join(base, 'coxswain', 'facts', `${id}.sqlite`)
}

/** A worktree's `.git` is a file that names its own folder inside the repository's. */
function commonDirectory(root: string): string {
  try {
    const gitdir = /^gitdir: (.+)$/m.exec(readFileSync(join(root, '.git'), 'utf8'))?.[1]
    return gitdir === undefined ? root : dirname(dirname(resolve(root, gitdir)))
  } catch {
    return join(root, '.git') // a folder: the main worktree, or no repository at all
  }
}
