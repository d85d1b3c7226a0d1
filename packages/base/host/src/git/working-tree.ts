import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveCommit } from './commits.ts'
import { openGit, type Git } from './open-git.ts'

/** Writes everything in a working tree that is not ignored as a tree object; the working tree and its HEAD stay as they are. */
export async function snapshotTree(git: Git): Promise<string> {
  await removeStaleLock(git)
  await git.run(['add', '--all', '--', '.'], { env: { GIT_OPTIONAL_LOCKS: '1' } })
  return git.run(['write-tree'])
}

/** Puts a working tree on a branch at a commit, whatever was there: ignored files stay, all else is reset. */
export async function resetTo(git: Git, branch: string, commit: string): Promise<void> {
  await removeStaleLock(git)
  await git.run(['checkout', '--quiet', '--force', '--no-track', '-B', branch, commit])
  await git.run(['clean', '-ffdq'])
}

export async function detachHead(git: Git): Promise<void> {
  await removeStaleLock(git)
  await git.run(['checkout', '--quiet', '--force', '--detach'])
}

/** A git that was killed leaves its lock behind; in a worktree of ours nobody else holds it. */
async function removeStaleLock(git: Git): Promise<void> {
  const lock = await git.run(['rev-parse', '--path-format=absolute', '--git-path', 'index.lock'])
  await rm(lock, { force: true })
}

/**
 * Adds a detached worktree unless one of this repository stands there, also when a crash left half of one at that place or in git's
 * records: true when it was made anew. No pruning here: it would trip over another worktree that is just being added.
 */
export async function addWorktree(git: Git, path: string, commit: string): Promise<boolean> {
  // A repository of somebody's own at that place does not know the commit.
  if (existsSync(join(path, '.git')) && (await resolveCommit(openGit(path), commit)) !== null) return false
  await rm(path, { recursive: true, force: true })
  await git.run(['worktree', 'add', '--quiet', '--force', '--force', '--detach', path, commit])
  return true
}

export async function removeWorktree(git: Git, path: string): Promise<void> {
  await git.attempt(['worktree', 'remove', '--force', '--force', path])
  await rm(path, { recursive: true, force: true })
  await git.attempt(['worktree', 'prune'])
}
