import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addWorktree,
  detachHead,
  openWorktree,
  pointTo,
  removeWorktree,
  resolveCommit,
  type Git,
  type Repository,
} from '@coxswain/host'

export interface WorktreePool {
  /** A working tree that belongs to `owner` until released; the same owner gets the same one, also after a restart. */
  acquire(owner: string): Promise<Worktree>
  release(owner: string): Promise<void>
  /** Gives back what owners hold that nobody knows any more. */
  releaseAllExcept(owners: ReadonlySet<string>): Promise<void>
  /** Slots that nobody holds. */
  free(): Promise<readonly string[]>
  /** Removes every free slot from disk; one that is taken meanwhile stays. */
  removeFree(): Promise<number>
}

export interface Worktree {
  readonly path: string
  readonly git: Git
  /** The owner did not hold it before: what stands there is of no meaning to them. */
  readonly isFresh: boolean
  /** A file beside it, for what is known of it; gone when it was made anew. */
  readonly record: string
  /** Before git looks at what a command left: takes out what git would wait for, and says what. @throws CoxError WORKTREE_FLOODED */
  clear(): Promise<readonly string[]>
}

/**
 * Slots `w1`, `w2` … under one folder, each a git worktree beside a lease file that names its owner.
 * A lease is taken by creating the file exclusively, so that two workers on one machine never share a slot.
 */
export function openWorktreePool(
  repository: Repository,
  folder: string,
  clear: (path: string) => Promise<readonly string[]>,
): WorktreePool {
  const leaseFile = (slot: string): string => leaseOf(folder, slot)
  const pathOf = (slot: string): string => join(folder, slot)

  const slotOf = createSlotFinder(folder)

  const vacate = async (slot: string): Promise<void> => {
    // A branch that stays checked out in a free slot could not be deleted or checked out by a person.
    const git = openWorktree(repository.git, pathOf(slot))
    if (git !== null) await detachCleared(git, clear).catch(() => removeWorktree(repository.git, pathOf(slot)))
    await rm(leaseFile(slot), { force: true })
  }

  const free = async (): Promise<string[]> => {
    const taken = new Set((await readLeases(folder)).map(([slot]) => slot))
    return (await listSlots(folder)).filter((slot) => !taken.has(slot))
  }

  return {
    free,
    acquire: async (owner) => {
      await mkdir(folder, { recursive: true })
      const held = await slotOf(owner)
      const slot = held ?? (await takeSlot(folder, owner))
      const [path, record] = [pathOf(slot), recordOf(folder, slot)]
      const { git, isMadeAnew } = await ensureWorktree(repository, path)
      if (isMadeAnew) await rm(record, { force: true })
      if (held === null && !isMadeAnew) await clear(path)
      return { path, git, record, clear: () => clear(path), isFresh: held === null || isMadeAnew }
    },
    release: async (owner) => {
      const slot = await slotOf(owner)
      if (slot !== null) await vacate(slot)
    },
    releaseAllExcept: async (owners) => {
      for (const [slot, holder] of await readLeases(folder)) if (!owners.has(holder)) await vacate(slot)
    },
    removeFree: async () => {
      let removed = 0
      for (const slot of await free()) {
        if (!(await lease(folder, slot, 'cleaning'))) continue
        await removeWorktree(repository.git, pathOf(slot))
        await rm(recordOf(folder, slot), { force: true })
        await rm(leaseFile(slot), { force: true })
        removed += 1
      }
      return removed
    },
  }
}

async function detachCleared(git: Git, clear: (path: string) => Promise<unknown>): Promise<void> {
  await clear(git.cwd)
  await detachHead(git)
}

function leaseOf(folder: string, slot: string): string {
  return join(folder, `${slot}.lease`)
}

function recordOf(folder: string, slot: string): string {
  return join(folder, `${slot}.setup`)
}

/** Remembers what it found: for that, one file tells whether it still holds. */
function createSlotFinder(folder: string): (owner: string) => Promise<string | null> {
  const found = new Map<string, string>()
  return async (owner) => {
    const last = found.get(owner)
    if (last !== undefined && (await readLease(leaseOf(folder, last))) === owner) return last
    found.delete(owner)
    for (const [slot, holder] of await readLeases(folder)) if (holder === owner) found.set(owner, slot)
    return found.get(owner) ?? null
  }
}

/** What the repository records of it counts, not the `.git` that stands there: a command that a partial sandbox holds can replace that. */
async function ensureWorktree({ git }: Repository, path: string): Promise<{ readonly git: Git; readonly isMadeAnew: boolean }> {
  const known = existsSync(path) ? openWorktree(git, path) : null
  if (known !== null) {
    await pointTo(path, known.folders().own)
    return { git: known, isMadeAnew: false }
  }
  const tip = await resolveCommit(git, 'HEAD')
  const isMadeAnew = tip !== null && (await addWorktree(git, path, tip))
  return { git: openWorktree(git, path) ?? git.at(path), isMadeAnew }
}

async function takeSlot(folder: string, owner: string): Promise<string> {
  for (const slot of candidates(await listSlots(folder))) if (await lease(folder, slot, owner)) return slot
  throw new Error('unreachable: there is always a next slot name')
}

/** False when somebody holds it. */
async function lease(folder: string, slot: string, owner: string): Promise<boolean> {
  // Written beside its place: nobody ever reads a lease without an owner.
  const staging = join(folder, `${randomUUID()}.tmp`)
  await writeFile(staging, owner)
  try {
    await link(staging, join(folder, `${slot}.lease`))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(staging, { force: true })
  }
}

/** The slots there are, then new ones without end. */
function* candidates(slots: readonly string[]): Generator<string> {
  yield* slots
  for (let number = 1; ; number += 1) if (!slots.includes(`w${number}`)) yield `w${number}`
}

async function listSlots(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const slots = new Set(names.map((name) => /^(w\d+)(?:\.lease)?$/.exec(name)?.[1]).filter((slot) => slot !== undefined))
  return [...slots].toSorted((left, right) => Number(left.slice(1)) - Number(right.slice(1)))
}

async function readLease(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

async function readLeases(folder: string): Promise<[slot: string, owner: string][]> {
  const names = await readdir(folder).catch(() => [])
  const leases: [string, string][] = []
  for (const name of names) {
    if (!name.endsWith('.lease')) continue
    const owner = await readLease(join(folder, name))
    if (owner !== null) leases.push([name.slice(0, -'.lease'.length), owner])
  }
  return leases
}
