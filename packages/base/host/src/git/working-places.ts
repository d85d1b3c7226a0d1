import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import { changedEntries, commitTree } from './commits.ts'
import { openGit, type Git } from './open-git.ts'
import type { Repository } from './repository.ts'

/** A working tree of a person's, as git keeps it: not the files in it. */
export interface WorkingPlace {
  /** `refs/heads/main`; where no branch is checked out, the commit. */
  readonly head: string
  /** Null before the first commit. */
  readonly commit: string | null
  /** What is staged, by path: mode and object, the mode `000000` for what is staged to go. */
  readonly staged: Readonly<Record<string, string>>
}

export type WorkingPlaces = Readonly<Record<string, WorkingPlace>>

export type PlaceChange =
  | { readonly kind: 'worktree'; readonly place: string; readonly isGone: boolean }
  | { readonly kind: 'head'; readonly place: string; readonly was: string; readonly now: string }
  /** `was` is what was staged before and is no more, on top of a commit. */
  | { readonly kind: 'staged'; readonly place: string; readonly paths: readonly string[]; readonly was: Staged | null }

interface Staged {
  readonly commit: string
  readonly entries: Readonly<Record<string, string>>
}

/** The working trees of a repository that are not ours. */
export async function readPlaces({ git, root, isBare }: Repository, isOurs: (place: string) => boolean): Promise<WorkingPlaces> {
  const listed = (await git.run(['worktree', 'list', '--porcelain', '-z'])).split('\0\0')
  const places = listed.flatMap((entry, at) => {
    const fields = entry.split('\0')
    const path = field(fields, 'worktree')
    // The first is the main checkout, which git names by its git folder where that is a separate one.
    const place = at === 0 && !isBare ? root : path
    const isThere = place !== null && !fields.includes('bare') && !isOurs(place) && existsSync(place)
    return isThere ? [{ place, commit: field(fields, 'HEAD'), branch: field(fields, 'branch') }] : []
  })
  const read = await mapLimit(places, 4, async ({ place, commit, branch }) => {
    const born = commit === null || /^0+$/.test(commit) ? null : commit
    const staged = born === null ? {} : await stagedOn(git.at(place), born)
    return [place, { head: branch ?? born ?? '', commit: born, staged }] as const
  })
  return Object.fromEntries(read)
}

function field(fields: readonly string[], name: string): string | null {
  return fields.find((text) => text.startsWith(`${name} `))?.slice(name.length + 1) ?? null
}

/** Where the index differs from a commit; an index that cannot be read holds nothing that could be compared. */
async function stagedOn(git: Git, commit: string): Promise<Record<string, string>> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--ignore-submodules=none', commit]
  const { exitCode, stdout } = await git.attempt(args)
  const fields = exitCode === 0 ? stdout.split('\0') : []
  const staged: Record<string, string> = {}
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', , id = '', status = ''] = (fields[at] ?? '').split(' ')
    if (status !== 'U') staged[fields[at + 1] ?? ''] = `${mode} ${id}`
  }
  return staged
}

/** What changed. A branch that moved, by a commit or a landing, is no change of the working trees that have it checked out. */
export async function placeChanges(
  before: WorkingPlaces,
  after: WorkingPlaces,
  isAncestor: (was: string, now: string) => Promise<boolean>,
): Promise<PlaceChange[]> {
  const changes: PlaceChange[] = []
  for (const place of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, now] = [before[place], after[place]]
    if (was === undefined || now === undefined) {
      changes.push({ kind: 'worktree', place, isGone: now === undefined })
      continue
    }
    const isOnBranch = [was.head, now.head].some((head) => head.startsWith('refs/'))
    if (was.head !== now.head && (isOnBranch || !(await isAncestor(was.head, now.head))))
      changes.push({ kind: 'head', place, was: was.head, now: now.head })
    changes.push(...(await stagedChanges(place, was, now)))
  }
  return changes
}

async function stagedChanges(place: string, was: WorkingPlace, now: WorkingPlace): Promise<PlaceChange[]> {
  const git = openGit(place)
  const paths = [...new Set([...Object.keys(was.staged), ...Object.keys(now.staged)])]
  const differing = paths.filter((path) => was.staged[path] !== now.staged[path])
  if (differing.length === 0 || was.commit === null || now.commit === null) return []
  const hasMoved = was.commit !== now.commit
  const [lateBefore, lateNow] = [await yetToFollow(git, was), hasMoved ? await yetToFollow(git, now) : new Set<string>()]
  const committed = new Set(hasMoved ? (await changedEntries(git, was.commit, now.commit)).map(({ path }) => path) : [])
  const changed = differing.filter((path) =>
    path in now.staged ? !lateNow.has(path) : !lateBefore.has(path) && !committed.has(path),
  )
  if (changed.length === 0) return []
  const isLost = changed.some((path) => path in was.staged)
  return [{ kind: 'staged', place, paths: changed.toSorted(), was: isLost ? { commit: was.commit, entries: was.staged } : null }]
}

/** What only looks staged, because the branch moved a moment before and the index is yet to follow it. */
async function yetToFollow(git: Git, { commit, staged }: WorkingPlace): Promise<Set<string>> {
  if (Object.keys(staged).length === 0) return new Set()
  const moved = await changedEntries(git, `${commit}^`, `${commit}`).catch(() => []) // a first commit has none before it
  const late = moved.filter(({ path, idBefore }) => {
    const [mode, id] = (staged[path] ?? '').split(' ')
    return idBefore === null ? mode === '000000' : id === idBefore
  })
  return new Set(late.map(({ path }) => path))
}

/** A commit that holds what was staged; null where git does not hold it any more. */
export async function commitStaged({ git }: Repository, { commit, entries }: Staged, scratch: string): Promise<string | null> {
  await mkdir(scratch, { recursive: true })
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  const lines = Object.entries(entries).map(([path, entry]) => `${entry}\t${path}\0`)
  const steps = [
    await git.attempt(['read-tree', commit], { env }),
    await git.attempt(['update-index', '-z', '--index-info'], { env, stdin: lines.join('') }),
    await git.attempt(['write-tree'], { env }),
  ]
  const tree = steps.at(-1)?.stdout.trim() ?? ''
  if (steps.some(({ exitCode }) => exitCode !== 0)) return null
  return commitTree(git, { tree, parents: [commit], message: 'What was staged', at: Math.floor(Date.now() / 1000) })
}
