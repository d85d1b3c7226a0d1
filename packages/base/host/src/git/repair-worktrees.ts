import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite } from '../files/atomic-write.ts'
import { readIfPresent } from './git-folders.ts'
import type { Repository } from './repository.ts'

/**
 * Linked worktrees below a folder find a repository that was moved again. One by one and not by `git worktree repair`, which in a copy would take
 * the worktrees of its original.
 */
export async function repairWorktrees({ gitDir }: Pick<Repository, 'gitDir'>, below: string): Promise<void> {
  const folder = join(gitDir, 'worktrees')
  for (const name of await readdir(folder).catch(() => [])) {
    const pointer = readIfPresent(join(folder, name, 'gitdir')).trim()
    if (!pointer.startsWith(`${below}/`)) continue
    const back = readIfPresent(pointer)
    const wanted = `gitdir: ${join(folder, name)}`
    if (back !== '' && back.trim() !== wanted) await atomicWrite(pointer, `${wanted}\n`)
  }
}
