import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import type { CommandResult } from '../process/run-command.ts'
import { changedFiles } from './commits.ts'
import { gitFailed, type Git } from './open-git.ts'

/** The working tree in which a person has this branch checked out, the main one (where `git` is) or a linked one; null when nobody looks at it. */
export async function findCheckout(git: Git, branch: string): Promise<Git | null> {
  const listed = await git.run(['worktree', 'list', '--porcelain', '-z'])
  for (const [index, entry] of listed.split('\0\0').entries()) {
    const lines = entry.split('\0')
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length)
    const isUsable = !lines.includes('bare') && !lines.some((line) => line.startsWith('prunable'))
    if (path !== undefined && isUsable && lines.includes(`branch refs/heads/${branch}`))
      // git names a separate git folder in the place of the main one.
      return index === 0 ? git : git.at(path)
  }
  return null
}

/**
 * What a person has not committed and moving their checkout between two commits would overwrite. Two-way merge as `git checkout` does it:
 * local changes survive as long as the move does not touch the same files. Ignored files count: they may be all there is of them.
 * @throws CoxError GIT_LOCKED
 */
export async function filesInTheWay(git: Git, from: string, to: string): Promise<string[]> {
  const [moved, status] = await Promise.all([
    changedFiles(git, from, to),
    // With the lock it keeps what it finds in the index, which the test of the move reads.
    git.run(['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=all'], {
      env: { GIT_OPTIONAL_LOCKS: '1' },
    }),
  ])
  const dirty = new Set(status.split('\0').map((entry) => entry.slice(3)))
  const removed = new Set(moved.filter((file) => file.status === 'deleted').map((file) => file.path))
  const found: string[] = []
  for (const file of moved)
    if (dirty.has(file.path) || (file.status === 'added' && (await isTaken(git.cwd, file.path, removed)))) found.push(file.path)
  if (found.length > 0) return found
  const args = ['read-tree', '-n', '-m', '-u', from, to]
  const tried = await withIndex(git, args)
  if (isLocked(tried)) throw gitFailed(git.cwd, args, tried)
  return tried.exitCode === 0 ? [] : ['files that git would overwrite']
}

/** Brings the checked-out files from one commit to another after its branch was moved. Repeating it is harmless; false when something is in the way. */
export async function advanceCheckout(git: Git, from: string, to: string): Promise<boolean> {
  const args = ['read-tree', '-m', '-u', from, to]
  if ((await withIndex(git, args)).exitCode === 0) return true
  // A file that was only touched looks changed until the index is refreshed.
  await withIndex(git, ['update-index', '-q', '--refresh'])
  return (await withIndex(git, args)).exitCode === 0
}

/** The tree that the index of a checkout holds; null where it holds none, as in the middle of a merge. */
export async function treeOfIndex(git: Git): Promise<string | null> {
  const written = await withIndex(git, ['write-tree'])
  return written.exitCode === 0 ? written.stdout.trim() : null
}

const indexPatienceMs = 5_000
const indexPauseMs = 25

/** In a person's checkout others write the index too, such as an editor that asks for the status: each holds it for moments, and git waits for nobody. */
async function withIndex(git: Git, args: readonly string[]): Promise<CommandResult> {
  for (let waited = 0; ; waited += indexPauseMs) {
    const result = await git.attempt(args, { env: { GIT_OPTIONAL_LOCKS: '1' } })
    if (result.exitCode === 0 || waited >= indexPatienceMs || !isLocked(result)) return result
    await sleep(indexPauseMs)
  }
}

function isLocked({ exitCode, stderr }: CommandResult): boolean {
  return exitCode !== 0 && /index\.lock/.test(stderr)
}

/** The tree of `tip` with what one commit below it changed as it was before. */
export async function treeWithout(
  git: Git,
  change: { readonly commit: string; readonly parent: string; readonly tip: string },
): Promise<string> {
  const raw = (await git.run(['diff-tree', '-r', '-z', '--no-renames', change.commit, change.parent])).split('\0')
  const entries: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [, mode, , object] = (raw[at] ?? '').split(' ')
    entries.push(`${mode} ${object}\t${raw[at + 1]}\0`)
  }
  return treeWithEntries(git, change.tip, entries)
}

/** A tree with some files as they are given; null takes a file out. */
export async function treeWithFiles(git: Git, tree: string, files: ReadonlyMap<string, string | null>): Promise<string> {
  const entries: string[] = []
  for (const [path, content] of files) {
    const object =
      content === null ? '0'.repeat(tree.length) : await git.run(['hash-object', '-w', '--stdin'], { stdin: content })
    entries.push(`${content === null ? '0' : '100644'} ${object}\t${path}\0`)
  }
  return treeWithEntries(git, tree, entries)
}

/** `entries`: lines of `update-index --index-info`. */
async function treeWithEntries(git: Git, tree: string, entries: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cox-index-'))
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') }
    await git.run(['read-tree', tree], { env })
    await git.run(['update-index', '-z', '--index-info'], { env, stdin: entries.join('') })
    return await git.run(['write-tree'], { env })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** True when a file or link stands at this path or where one of its folders would, and does not leave with the same move. A folder at this path is git's to judge. */
async function isTaken(root: string, path: string, removed: ReadonlySet<string>): Promise<boolean> {
  for (let at = path; at !== '.'; at = dirname(at)) {
    const kind = await lstat(join(root, at)).catch(() => null)
    if (kind !== null) return !kind.isDirectory() && !removed.has(at)
  }
  return false
}
