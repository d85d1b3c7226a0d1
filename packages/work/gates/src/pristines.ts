import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import { openWorktree, removeWorktree, stopDetached, type Repository } from '@coxswain/host'
import type { Containment } from './containment.ts'
import { fillPristine } from './fill-pristine.ts'
import { hold, letGo, otherHolders } from './holders.ts'
import { isSameEntry, type Listing } from './listing.ts'
import {
  pristineFolder,
  readListing,
  readReady,
  readyFile,
  touchReady,
  type PristineFolder,
  type Ready,
} from './pristine-folder.ts'
import { madeBySetUp } from './put-right.ts'
import { removeFolder } from './remove-folder.ts'
import type { Setup } from './setup-key.ts'

export interface PristinesOptions {
  readonly repository: Repository
  /** `<state>/pristine`: a folder a tree. */
  readonly folder: string
  /** `<state>/set-ups`: a folder for each process of a set-up. */
  readonly processes: string
  /** What package managers keep, for set-ups of trees of the landing branch. */
  readonly caches: string
  readonly environment: (want: Pick<Want, 'scope'>) => Readonly<Record<string, string>>
  readonly contain: Containment['contain']
  /** Runs the body while nobody else on this machine runs one under this name. */
  readonly exclusively: <T>(name: string, body: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>
  readonly now: () => number
}

export interface Want {
  readonly setup: Setup | null
  readonly key: string
  /** What is set up. */
  readonly commit: string
  /** Empty for a commit of the landing branch: others share it. Else what an agent made, and it serves that tree alone. */
  readonly scope: string
  /** `shared`: never written to. `own`: for one owner at a time, who works in it. */
  readonly use: 'shared' | 'own'
  /** The folder of whatever uses it. */
  readonly owner: string
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

export interface Held {
  readonly kind: 'held'
  readonly place: PristineFolder
  readonly use: Want['use']
  readonly ready: Ready
  /** It was made for this call. */
  readonly isNew: boolean
  release(): Promise<void>
}

export interface Pristines {
  acquire(want: Want): Promise<Held | { readonly kind: 'failed'; readonly why: string }>
  /** Its tree was spoiled: who acquires it next makes it anew. */
  spoil(held: Held): Promise<void>
  /** Removes what a death in the middle of a set-up left, and what was used least. */
  tidy(): Promise<void>
}

const mostKept = 6

/** Trees that are set up, by key; each is made once, from git. */
export function openPristines(options: PristinesOptions): Pristines {
  const { folder, exclusively } = options
  /** Seen to be whole in this life of ours. */
  const trusted = new Set<string>()
  const acquire: Pristines['acquire'] = async (want) => {
    const id = await takeSlot(want, options)
    const place = pristineFolder(join(folder, id))
    const release = (): Promise<void> => letGo(place.holders, want.owner)
    const held = { kind: 'held', place, use: want.use, release } as const
    const found = await readWhole(place, want, { ...options, trusted })
    if (found !== null) {
      await touchReady(place, options.now())
      return { ...held, ready: found, isNew: false }
    }
    try {
      const failure = await exclusively(`set-up ${folder} ${id}`, (lost) => fill(place, want, { options, lost }), signalOf(want))
      const ready = failure === null ? await readReady(place) : null
      if (ready === null) {
        await release()
        return { kind: 'failed', why: failure ?? 'the set-up is gone' }
      }
      trusted.add(place.folder)
      await tidy(options)
      return { ...held, ready, isNew: true }
    } catch (error) {
      if (!want.shutdown.aborted) await release()
      throw error
    }
  }
  return {
    acquire,
    spoil: async ({ place }) => {
      trusted.delete(place.folder)
      await rm(readyFile(place.folder), { force: true })
    },
    tidy: () => tidy(options),
  }
}

function signalOf({ interrupt, shutdown }: Want): AbortSignal {
  return AbortSignal.any([interrupt, shutdown])
}

/** The name of a folder that is held by now. */
async function takeSlot(want: Want, { folder, exclusively }: PristinesOptions): Promise<string> {
  const id = createHash('sha256')
    .update(JSON.stringify([want.key, want.scope, want.use]))
    .digest('hex')
    .slice(0, 16)
  if (want.use === 'shared') {
    await hold(pristineFolder(join(folder, id)).holders, want.owner)
    return id
  }
  return exclusively(
    `slots ${folder} ${id}`,
    async () => {
      for (let number = 1; ; number += 1) {
        const { holders } = pristineFolder(join(folder, `${id}-${number}`))
        if ((await otherHolders(holders, want.owner)).length > 0) continue
        await hold(holders, want.owner)
        return `${id}-${number}`
      }
    },
    signalOf(want),
  )
}

/** Null where it is not ready, or where a first look shows that somebody changed what nobody may change. */
async function readWhole(
  place: PristineFolder,
  { key, use }: Want,
  { repository, trusted }: Pick<PristinesOptions, 'repository'> & { readonly trusted: Set<string> },
): Promise<Ready | null> {
  const recorded = await readReady(place)
  if (recorded === null || recorded.key !== key) return null
  // Where the repository keeps what it knows of the tree: elsewhere since it was moved or copied.
  const admin = openWorktree(repository.git, place.tree)?.folders().own
  if (admin === undefined) return null
  const ready = { ...recorded, admin }
  // A tree that is worked in is put right before each use.
  if (use === 'own' || trusted.has(place.folder)) return ready
  const listing = await readListing(place.list)
  if (listing === null || !isSame((await madeBySetUp(repository.git.at(place.tree, admin))).listing, listing)) return null
  trusted.add(place.folder)
  return ready
}

function isSame(left: Listing, right: Listing): boolean {
  if (left.size !== right.size) return false
  for (const [path, entry] of left) {
    const other = right.get(path)
    if (other === undefined || !isSameEntry(entry, other)) return false
  }
  return true
}

/** Null once it is ready, by us or by who was faster; else why it failed. */
async function fill(
  place: PristineFolder,
  want: Want,
  { options, lost }: { readonly options: PristinesOptions; readonly lost: AbortSignal },
): Promise<string | null> {
  const isThere = await readWhole(place, want, { ...options, trusted: new Set() })
  if (isThere !== null) return null
  const id = place.folder.slice(options.folder.length + 1)
  const filled = await fillPristine({
    repository: options.repository,
    place,
    setup: want.setup,
    commit: want.commit,
    isSaved: want.use === 'own',
    dir: join(options.processes, id),
    key: want.key,
    // What an agent made must not leave anything that an honest set-up takes later.
    caches: want.scope === '' ? options.caches : join(place.folder, 'set-up-caches'),
    environment: options.environment(want),
    contain: options.contain,
    interrupt: want.interrupt,
    shutdown: AbortSignal.any([want.shutdown, lost]),
  })
  await removeFolder(join(place.folder, 'set-up-caches'))
  return filled.kind === 'ready' ? null : filled.why
}

async function tidy(options: PristinesOptions): Promise<void> {
  const names = await readdir(options.folder).catch(() => [])
  const found = await mapLimit(names, 8, async (id) => ({
    id,
    usedAt: (await stat(readyFile(join(options.folder, id))).catch(() => null))?.mtimeMs ?? 0,
  }))
  const oldest = found
    .toSorted((left, right) => right.usedAt - left.usedAt)
    .filter(({ usedAt }, at) => at >= mostKept || usedAt === 0)
  for (const { id } of oldest) await removeUnheld(id, options)
}

/** Marked first, looked for holders afterwards: who takes hold in between finds it not ready, and waits for us. */
async function removeUnheld(id: string, { folder, processes, repository, exclusively }: PristinesOptions): Promise<void> {
  const place = pristineFolder(join(folder, id))
  if ((await otherHolders(place.holders, null)).length > 0) return
  await exclusively(
    `set-up ${folder} ${id}`,
    async () => {
      const isHeld = async (): Promise<boolean> => (await otherHolders(place.holders, null)).length > 0
      if (await isHeld()) return
      await rm(readyFile(place.folder), { force: true })
      if (await isHeld()) return // it is made anew
      await stopDetached(join(processes, id))
      await removeFolder(join(processes, id))
      await removeFolder(place.tree)
      await removeWorktree(repository.git, place.tree)
      await removeFolder(place.folder)
    },
    AbortSignal.timeout(60_000),
  ).catch(() => {}) // the next time
}
