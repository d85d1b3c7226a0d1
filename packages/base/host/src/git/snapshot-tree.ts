import { rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { containedPath } from '../files/contained-path.ts'
import { moveAside } from '../files/move-aside.ts'
import type { CommandResult } from '../process/run-command.ts'
import { changedEntries, type ChangedEntry } from './commits.ts'
import { gitFailed, type Git } from './open-git.ts'
import { settleSubmodules, submodulesOfIndex } from './submodules.ts'
import { removeStaleLock } from './working-tree.ts'

/**
 * Writes everything in a working tree that is not ignored as a tree object; the working tree and its HEAD stay as they are.
 * A repository that was made inside it becomes plain files: a reference to commits that nobody else has would lose them. Its git folder
 * goes to `aside` where there is one, else it is removed.
 * A file that stands as `base` keeps it is as in the base.
 *
 * git asks in each submodule of the index whether it is clean, by the settings that stand there: these may be an agent's, and name programs.
 * So submodules are kept from it.
 */
export async function snapshotTree(git: Git, base: string, aside: string | null = null): Promise<string> {
  removeStaleLock(git)
  const submodules = new Set(await settleSubmodules(git))
  for (let round = 0; round < mostNested; round += 1) {
    const args = ['add', '--all', '--sparse', '--pathspec-from-file=-', '--pathspec-file-nul']
    const pathspecs = [':/', ...[...submodules].map((path) => `:(top,exclude,literal)${path}`)]
    const stdin = Buffer.from(pathspecs.map((path) => `${path}\0`).join(''), 'latin1')
    const added = await git.attempt(args, { stdin, env: { GIT_OPTIONAL_LOCKS: '1' } })
    const nested = await nestedRepositories(git, added, submodules)
    if (nested.length === 0 && added.exitCode !== 0) throw gitFailed(git.cwd, args, added)
    if (nested.length === 0) break
    for (const path of nested) await absorbRepository(git, path, aside)
  }
  const tree = await git.run(['write-tree'])
  const untouched = await untouchedFiles(git, base, tree)
  if (untouched.length === 0) return tree
  const lines = untouched.map(({ mode, idBefore, path }) => `${mode} ${idBefore}\t${path}\0`)
  await git.run(['update-index', '-z', '--index-info'], { stdin: lines.join(''), env: { GIT_OPTIONAL_LOCKS: '1' } })
  return git.run(['write-tree'])
}

/**
 * Files that nobody wrote and that git would keep in another way today: their line ends, or the filter that their attributes name, are younger than
 * they are. git finds them changed, or not, by the times of the disk. Where attributes are what changes, that may be meant.
 */
async function untouchedFiles(git: Git, base: string, tree: string): Promise<ChangedEntry[]> {
  const changed = await changedEntries(git, base, tree)
  if (changed.some(({ path }) => basename(path) === '.gitattributes')) return []
  const files = changed.filter(({ path, mode, id, idBefore }) => {
    const isFile = mode.startsWith('100') && idBefore !== null && id !== idBefore
    return isFile && !path.includes('\n') // the list below has a line for each
  })
  if (files.length === 0) return []
  const paths = files.map(({ path }) => `${path}\n`).join('')
  const hashed = await git.attempt(['hash-object', '--no-filters', '--stdin-paths'], { stdin: paths })
  const ids = hashed.stdout.split('\n')
  return hashed.exitCode === 0 ? files.filter(({ idBefore }, at) => ids[at] === idBefore) : []
}

const mostNested = 100

/** Their paths by their bytes. git tells of them in sentences, which hold names that an agent chose: its lists alone say which there are. */
async function nestedRepositories(
  git: Git,
  { stderr, exitCode }: CommandResult,
  submodules: ReadonlySet<string>,
): Promise<string[]> {
  if (stderr.includes('warning: adding embedded git repository: '))
    return (await submodulesOfIndex(git)).flatMap(({ path }) => (submodules.has(path) ? [] : [path]))
  if (exitCode === 0) return []
  // One without a commit is the only thing that this list ends with a slash.
  const listed = await git.read(['ls-files', '-z', '--others', '--exclude-standard', '--', '.'])
  const others = Buffer.from(listed).toString('latin1').split('\0')
  return others.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1))
}

async function absorbRepository(git: Git, path: string, aside: string | null): Promise<void> {
  const text = Buffer.from(path, 'latin1').toString('utf8')
  if (aside === null) await rm(join(await containedPath(git.cwd, text), '.git'), { recursive: true, force: true })
  else await moveAside(git.cwd, `${path}/.git`, join(aside, randomBytes(8).toString('hex')))
  const recorded = (await submodulesOfIndex(git)).find((link) => link.path === path)
  if (recorded === undefined) return
  const stdin = Buffer.from(`0 ${'0'.repeat(recorded.commit.length)}\t${path}\0`, 'latin1')
  await git.run(['update-index', '-z', '--index-info'], { stdin, env: { GIT_OPTIONAL_LOCKS: '1' } })
}
