import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, realpathSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import { atomicWrite } from '../files/atomic-write.ts'
import { linkedFolders } from './branches.ts'
import { resolveCommit } from './commits.ts'
import { gitFolders, readIfPresent } from './git-folders.ts'
import { gitFailed, type Git } from './open-git.ts'

/** Whether the files are as HEAD has them; what is ignored, and what is inside of submodules, counts for nothing. */
export async function isClean(git: Git): Promise<boolean> {
  return (await git.read(['status', '--porcelain', '-z', '--ignore-submodules=all'])).length === 0
}

/** What differs from HEAD: files that git tracks, and files or whole folders that it neither tracks nor ignores. */
export async function strayFiles(
  git: Git,
): Promise<{ readonly tracked: readonly string[]; readonly untracked: readonly string[] }> {
  const entries = (await git.run(['status', '--porcelain', '-z', '--no-renames', '--ignore-submodules=all']))
    .split('\0')
    .filter((entry) => entry !== '')
  const pathsOf = (isUntracked: boolean): string[] =>
    entries.filter((entry) => entry.startsWith('?? ') === isUntracked).map((entry) => entry.slice(3))
  return { tracked: pathsOf(false), untracked: pathsOf(true) }
}

/** Puts a working tree at a commit, whatever was there: ignored files stay, all else is reset. On the branch where that stands there; no branch moves. */
export async function resetTo(git: Git, branch: string, commit: string): Promise<void> {
  await detachAt(git, commit)
  if ((await resolveCommit(git, `refs/heads/${branch}`)) === commit) await attachHead(git, branch)
}

/** Files stay as they are where HEAD names no branch already. */
export async function detachHead(git: Git): Promise<void> {
  if (!readHead(git).startsWith('ref: ')) return
  removeStaleLock(git)
  await git.run(['checkout', '--quiet', '--force', '--detach'])
}

/** Puts a working tree at a commit on no branch, as `resetTo` does on one. */
export async function detachAt(git: Git, commit: string): Promise<void> {
  removeStaleLock(git)
  await git.run(['checkout', '--quiet', '--force', '--detach', commit])
  await git.run(['clean', '-ffdq'])
}

/** A git that was killed leaves its lock behind; in a worktree of ours nobody else holds it. */
export function removeStaleLock(git: Git): void {
  rmSync(join(git.folders().own, 'index.lock'), { force: true })
}

/** Makes HEAD name a branch, whatever it named; index and files stay as they are. */
export async function attachHead(git: Git, branch: string): Promise<void> {
  const ref = `refs/heads/${branch}`
  if (readHead(git) !== `ref: ${ref}\n`) await git.run(['symbolic-ref', 'HEAD', ref])
}

function readHead(git: Git): string {
  return readIfPresent(join(git.folders().own, 'HEAD'))
}

/**
 * Adds a detached worktree unless one of this repository stands there, also when a crash left half of one at that place or in git's
 * records: true when it was made anew. It holds the whole tree, also where the checkout is sparse, which git takes over.
 * No pruning here: it would trip over another worktree that is just being added.
 */
export async function addWorktree(git: Git, path: string, commit: string): Promise<boolean> {
  const known = openWorktree(git, path)
  if (known !== null && existsSync(path) && (await resolveCommit(known, commit)) !== null) {
    await pointTo(path, known.folders().own)
    if (existsSync(sparsePatterns(known))) await fillIn(known, 'HEAD')
    return false
  }
  await rm(path, { recursive: true, force: true })
  // Files are put there by a git that knows how to start the programs of its settings in the new folder.
  await addPatiently(git, ['worktree', 'add', '--quiet', '--force', '--force', '--detach', '--no-checkout', path, commit], path)
  await fillIn(openWorktree(git, path) ?? git.at(path), commit)
  return true
}

/**
 * git in a linked worktree, by what the repository records of it and not by the `.git` that stands there, which a command may have replaced.
 * Null where none is recorded.
 */
export function openWorktree(git: Git, path: string): Git | null {
  const pointers = new Set([path, realPlace(path)].map((folder) => join(folder, '.git')))
  const isOf = (folder: string): boolean =>
    pointers.has(readIfPresent(join(folder, 'gitdir')).trimEnd()) && existsSync(join(folder, 'HEAD'))
  // Mostly it is the one that is named there.
  const likely = gitFolders(path).own
  const folders = linkedFolders(git.folders().common)
  const own = folders.includes(likely) && isOf(likely) ? likely : folders.find(isOf)
  return own === undefined ? null : git.at(path, own)
}

function realPlace(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // it is lost
  }
}

/** Makes a worktree's `.git` lead to its own folder again, whatever stands there; true where it led elsewhere. */
export async function pointTo(path: string, own: string): Promise<boolean> {
  const pointer = join(path, '.git')
  const found = lstatSync(pointer, { throwIfNoEntry: false })
  if (found?.isFile() === true && gitFolders(path).own === own) return false
  if (found?.isDirectory() === true) {
    // Where whoever made it cannot lead the removal astray.
    const aside = `${path}.${randomBytes(8).toString('hex')}.aside`
    await rename(pointer, aside)
    await rm(aside, { recursive: true, force: true })
  }
  await atomicWrite(pointer, `gitdir: ${own}\n`)
  return true
}

/** Without patterns git takes a worktree for a whole one; an index would still say which files are left out. */
async function fillIn(git: Git, commit: string): Promise<void> {
  await rm(join(git.folders().own, 'index'), { force: true })
  await rm(sparsePatterns(git), { force: true })
  await git.run(['checkout', '--quiet', '--force', '--detach', commit])
}

function sparsePatterns(git: Git): string {
  return join(git.folders().own, 'info/sparse-checkout')
}

/** git reads all worktrees when it adds one, and fails on one that another process has only half made: moments later it is whole. */
async function addPatiently(git: Git, args: readonly string[], path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await git.attempt(args)
    if (result.exitCode === 0) return
    if (attempt === 40 || !/worktrees\/.*(?:commondir|gitdir|HEAD)/.test(result.stderr)) throw gitFailed(git.cwd, args, result)
    await rm(path, { recursive: true, force: true })
    await sleep(25)
  }
}

export async function removeWorktree(git: Git, path: string): Promise<void> {
  await git.attempt(['worktree', 'remove', '--force', '--force', path])
  await rm(path, { recursive: true, force: true })
  await git.attempt(['worktree', 'prune'])
}
