import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  copyIndex,
  addWorktree,
  differingFiles,
  fillSubmodules,
  openWorktree,
  refreshIndex,
  runCommand,
  standAt,
  unignoredFiles,
  type Git,
  type Repository,
} from '@coxswain/host'
import { clearSpecialFiles } from '@coxswain/sandbox'
import { copyEntries } from './copy-entries.ts'
import { readyFile, writeListing, writeReady, type PristineFolder } from './pristine-folder.ts'
import { outermost } from './put-right.ts'
import { removeFolder } from './remove-folder.ts'
import { unlinkMadeBySetUp } from './unlink-shared.ts'
import { isSetUpUnderWay, runSetUp, type SetUpRun } from './run-set-up.ts'
import type { Setup } from './setup-key.ts'

export interface Filling extends Omit<SetUpRun, 'setup' | 'path'> {
  readonly repository: Repository
  readonly place: PristineFolder
  readonly setup: Setup | null
  /** What is set up: a commit in git, never a folder that somebody worked in. */
  readonly commit: string
  /** Keeps a second copy of what set-up made. */
  readonly isSaved: boolean
}

export type Filled =
  | { readonly kind: 'ready'; readonly notes: readonly string[] }
  | { readonly kind: 'failed'; readonly why: string }

/** Makes a fresh worktree of a commit and sets it up, contained. Until the last write it counts for nothing. */
export async function fillPristine(filling: Filling): Promise<Filled> {
  const { repository, place, setup, commit } = filling
  if (!(await isSetUpUnderWay(filling))) await standAnew(filling)
  const git = openWorktree(repository.git, place.tree)
  if (git === null) throw new Error(`${place.tree} is no worktree`)
  const problems = await fillSubmodules(git, join(repository.gitDir, 'modules'))
  if (problems.length > 0) return { kind: 'failed', why: problems.join('\n') }
  const before = new Set(await differingFiles(git))
  const failure = setup === null ? null : await runSetUp({ ...filling, setup, path: place.tree })
  if (failure !== null) return { kind: 'failed', why: failure }
  if (setup !== null) await clearSpecialFiles(place.tree)
  const notes = setup === null ? [] : await notesOn(git, before)
  // What set-up wrote into tracked files is not the tree's.
  await standAt(git, commit)
  const { listing: made, absoluteTargets } = await unlinkMadeBySetUp(git)
  const roots = outermost([...made.keys()])
  const isRelocatable =
    !absoluteTargets.some((target) => target.startsWith(`${place.tree}/`)) && !(await namesItself(place.tree, roots))
  await refreshIndex(git)
  const admin = git.folders().own
  await copyIndex(join(admin, 'index'), place.index)
  if (filling.isSaved) {
    await mkdir(place.saved)
    await copyEntries(place.tree, place.saved, roots)
  }
  await writeListing(place.list, made)
  await writeReady(place, { version: 1, key: filling.key, commit, admin, isRelocatable, notes })
  await removeFolder(filling.dir)
  return { kind: 'ready', notes }
}

async function standAnew({ repository, place, commit, dir }: Filling): Promise<void> {
  await rm(readyFile(place.folder), { force: true })
  for (const path of [dir, place.tree, place.saved, place.caches, place.list, place.index]) await removeFolder(path)
  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  await addWorktree(repository.git, place.tree, commit)
}

async function notesOn(git: Git, before: ReadonlySet<string>): Promise<string[]> {
  await refreshIndex(git)
  const changed = (await differingFiles(git)).filter((path) => !before.has(path))
  const added = await unignoredFiles(git)
  return [
    ...(changed.length === 0 ? [] : [`set-up changes tracked files (${some(changed)}): gates see them as the commit has them`]),
    ...(added.length === 0
      ? []
      : [`set-up makes files that git does not ignore (${some(added)}): in an agent's worktree they become part of its work`]),
  ]
}

function some(paths: readonly string[]): string {
  return `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`
}

/** Whether what set-up made says where it was made; a doubt counts as yes. */
async function namesItself(tree: string, roots: readonly string[]): Promise<boolean> {
  const pathsAtOnce = 400
  for (let at = 0; at < roots.length; at += pathsAtOnce) {
    const paths = roots.slice(at, at + pathsAtOnce).map((path) => `./${path}`)
    const command = ['grep', '-rqF', '-e', tree, '--', ...paths]
    const { exitCode } = await runCommand({ command, cwd: tree, env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' } })
    if (exitCode !== 1) return true
  }
  return false
}
