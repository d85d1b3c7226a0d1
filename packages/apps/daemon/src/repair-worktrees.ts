import { join } from 'node:path'
import { atomicWrite, linkedFolders, readRegular, type Repository } from '@coxswain/host'

/**
 * Linked worktrees below a folder find a repository that was moved again. One by one and not by `git worktree repair`, which in a copy would take
 * the worktrees of its original.
 */
export async function repairWorktrees({ gitDir }: Pick<Repository, 'gitDir'>, below: string): Promise<void> {
  for (const own of linkedFolders(gitDir)) {
    const pointer = (readRegular(join(own, 'gitdir')) ?? '').trim()
    if (!pointer.startsWith(`${below}/`)) continue
    const back = readRegular(pointer) ?? ''
    const wanted = `gitdir: ${own}`
    if (back !== '' && back.trim() !== wanted) await atomicWrite(pointer, `${wanted}\n`)
  }
}
