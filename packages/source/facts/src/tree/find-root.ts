import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CoxError } from '@coxswain/kernel'

export interface Root {
  readonly root: string
  /** The asked folder inside the root; empty when they are the same. */
  readonly inside: string
}

/** The repository around a folder: the nearest one with `harness/` or `.git`, else the folder itself. */
export function findRoot(folder: string): Root {
  if (!existsSync(folder))
    throw new CoxError('FOLDER_MISSING', `${folder} does not exist`, { hint: 'Name an existing folder with -C.' })
  const start = realpathSync(resolve(folder))
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, 'harness')) || existsSync(join(at, '.git')))
      return { root: at, inside: relative(at, start).replaceAll('\\', '/') }
    if (dirname(at) === at) return { root: start, inside: '' }
  }
}
