import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { copyIndex, pointTo, standAt } from '@coxswain/host'
import { clearSpecialFiles } from '@coxswain/sandbox'
import type { Access } from './containment.ts'
import { gateVariables, makeGateHome } from './gate-home.ts'
import { readListing, writeListing } from './pristine-folder.ts'
import type { Held, Pristines } from './pristines.ts'
import type { GroundRequest } from './overlay-ground.ts'
import { putRight } from './put-right.ts'
import { clearStage } from './remove-leftovers.ts'
import type { Ground, Stage } from './stage.ts'

/**
 * Where overlays cannot be had: gates run in a working tree that no agent touches and that one judgement holds at a time. Before each
 * gate it is brought to the judged tree, and what the gate before it left is put right by a list of inode, change time, size and mode.
 */
export function plainGround(held: Held, request: GroundRequest, pristines: Pick<Pristines, 'spoil'>): Ground {
  const { tree } = held.place
  const stageOf = (dir: string, access: Access): Stage => {
    return {
      cwd: tree,
      env: { ...request.environment, ...gateVariables(dir, tree, access) },
      locate: (path) => join(tree, path),
      contain: (command) =>
        request.contain(command, {
          cwd: tree,
          worktree: tree,
          writable: [join(dir, 'home')],
          readable: [],
          overlays: [],
          ...access,
        }),
      drop: async () => {
        await request.caches.takeOut(tree)
        await clearStage(dir)
      },
    }
  }
  return {
    ready: async (dir, access) => {
      await mkdir(dir, { recursive: true })
      await makeGateHome(dir)
      try {
        await bringToTree(held, request)
        await request.caches.putIn(tree)
      } catch (error) {
        if (!request.signal.aborted) await pristines.spoil(held)
        throw error
      }
      return stageOf(dir, access)
    },
    standing: stageOf,
    release: held.release,
  }
}

/** @throws CoxError GIT_FAILED */
async function bringToTree({ place, ready }: Held, { repository, commit }: GroundRequest): Promise<void> {
  // A gate may write all of this where it is not contained: git must not follow what it finds.
  await pointTo(place.tree, ready.admin)
  await clearSpecialFiles(place.tree)
  await copyIndex(place.index, join(ready.admin, 'index'))
  await rm(join(ready.admin, 'index.lock'), { force: true })
  const git = repository.git.at(place.tree, ready.admin)
  await standAt(git, commit)
  const listing = await readListing(place.list)
  const righted = listing === null ? null : await putRight({ git, listing, source: place.saved })
  if (righted === null) throw new Error(`the list of ${place.tree} is gone`)
  if (righted.restored.length > 0) await writeListing(place.list, righted.listing)
}
