import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, fillSubmodules, restoreFiles, type Git, type Repository } from '@coxswain/host'
import { clearSpecialFiles } from '@coxswain/sandbox'
import { z } from 'zod'
import type { Containment } from './containment.ts'
import { copyEntries } from './copy-entries.ts'
import { StoredListing, type Listing } from './listing.ts'
import type { Held, Pristines } from './pristines.ts'
import { outermost, putRight, submodulePaths } from './put-right.ts'
import { readListing } from './pristine-folder.ts'
import { runSetUp } from './run-set-up.ts'
import type { Setup } from './setup-key.ts'
import { unlinkMadeBySetUp } from './unlink-shared.ts'

/** What an agent's worktree held when its run began. */
const WorktreeRecord = z.object({ version: z.literal(1), key: z.string(), listing: StoredListing })

export interface Readying {
  readonly repository: Repository
  /** An agent's worktree, whose tracked files stand at the commit. No agent works in it now. */
  readonly git: Git
  /** A file beside it, for what is known of it. */
  readonly record: string
  readonly key: string
  readonly setup: Setup | null
  /** Of processes of a set-up that runs in the worktree itself. */
  readonly dir: string
  readonly caches: string
  readonly environment: Readonly<Record<string, string>>
  readonly contain: Containment['contain']
  /** A tree that is set up with this key. */
  readonly openPristine: () => ReturnType<Pristines['acquire']>
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

/**
 * Makes an agent's worktree hold what set-up made and nothing that an earlier run left; null on success, else why set-up failed. Where
 * the files of set-up do not say where they lie they are copied, else set-up runs here, once all else is gone.
 */
export async function readyWorktree(readying: Readying): Promise<string | null> {
  const { git, repository, key, setup } = readying
  const modules = join(repository.gitDir, 'modules')
  const known = await readRecord(readying)
  if (known !== null && known.key === key && (await rightByList(known.listing, readying))) {
    const problems = await fillSubmodules(git, modules)
    return problems.length === 0 ? null : problems.join('\n')
  }
  await putRight({ git, listing: new Map(), source: null })
  const problems = await fillSubmodules(git, modules)
  if (problems.length > 0) return problems.join('\n')
  const failure = setup === null ? null : await bringSetUp(setup, readying)
  if (failure !== null) return failure
  if (setup !== null) await clearSpecialFiles(git.cwd)
  // What set-up wrote into tracked files is not the tree's.
  if (setup !== null) await restoreFiles(git)
  await remember(readying, (await unlinkMadeBySetUp(git)).listing)
  return null
}

/** False where the worktree must be set up anew. */
async function rightByList(listing: Listing, readying: Readying): Promise<boolean> {
  const { git } = readying
  const quick = await putRight({ git, listing, source: null })
  if (quick !== null) return true
  if (readying.setup === null) return false
  const held = await readying.openPristine()
  if (held.kind === 'failed') return false
  try {
    const source = held.ready.isRelocatable ? sourceOf(held) : null
    const righted = await putRight({ git, listing, source })
    if (righted !== null) await remember(readying, righted.listing)
    return righted !== null
  } finally {
    await held.release()
  }
}

/** The one copy of what set-up made that no gate ever saw. */
function sourceOf({ place, use }: Pick<Held, 'place' | 'use'>): string {
  return use === 'own' ? place.saved : place.tree
}

async function bringSetUp(setup: Setup, readying: Readying): Promise<string | null> {
  const { git } = readying
  const held = await readying.openPristine()
  if (held.kind === 'failed') return held.why
  try {
    const listing = held.ready.isRelocatable ? await readListing(held.place.list) : null
    if (listing === null) return await runSetUp({ ...readying, setup, path: git.cwd })
    // A submodule names the worktree that it belongs to.
    const own = await submodulePaths(git)
    const paths = outermost([...listing.keys()]).filter((path) => !own.has(path))
    await copyEntries(sourceOf(held), git.cwd, paths)
    return null
  } finally {
    await held.release()
  }
}

async function readRecord({ record }: Readying): Promise<{ readonly key: string; readonly listing: Listing } | null> {
  try {
    const { key, listing } = WorktreeRecord.parse(JSON.parse(await readFile(record, 'utf8')))
    return { key, listing: new Map(listing.entries) }
  } catch {
    return null // none yet, or of another version
  }
}

async function remember({ record, key }: Readying, listing: Listing): Promise<void> {
  await atomicWrite(record, JSON.stringify({ version: 1, key, listing: { version: 1, entries: [...listing] } }))
}
