import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CoxError } from '@coxswain/kernel'

/**
 * The tree that a folder belongs to: the nearest one around it with `harness/` or `.git`, else the folder itself. A linked worktree is
 * its own tree: what an agent changed there is what its gates have to look at. @throws CoxError FOLDER_MISSING
 */
export function sourceRoot(folder: string): string {
  if (!existsSync(folder))
    throw new CoxError('FOLDER_MISSING', `${folder} does not exist`, { hint: 'Name an existing folder with -C.' })
  const start = realpathSync(resolve(folder))
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, 'harness')) || existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return start
  }
}
