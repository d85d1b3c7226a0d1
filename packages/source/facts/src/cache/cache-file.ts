import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gitFolders, readEnvironment } from '@coxswain/host'

/** Where the facts of a repository are kept: outside it, in one file for all its worktrees. */
export function cacheFile(root: string): string {
  const environment = readEnvironment()
  const base = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? root, '.cache')
  const id = createHash('sha256').update(gitFolders(root).common).digest('hex').slice(0, 16)
  return join(base, 'coxswain', 'facts', `${id}.sqlite`)
}
