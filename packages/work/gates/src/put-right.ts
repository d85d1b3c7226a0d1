import { chmod, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { filesOfIndex, moveAside, restoreFiles, type Git } from '@coxswain/host'
import { copyEntries } from './copy-entries.ts'
import { isSameEntry, scanFolder, type Entry, type Listing } from './listing.ts'
import { removeFolder } from './remove-folder.ts'

export interface Righting {
  /** What stood there and belongs to nobody. */
  readonly removed: readonly string[]
  /** What set-up had made and was changed or gone. */
  readonly restored: readonly string[]
  /** As the folder stands now. */
  readonly listing: Listing
}

/**
 * Makes a working tree whose tracked files are right hold what set-up made and nothing else. `source` holds what set-up made, as nobody
 * has touched it. Null where something of it is lost and there is no source.
 */
export async function putRight(place: {
  readonly git: Git
  readonly listing: Listing
  readonly source: string | null
}): Promise<Righting | null> {
  const { git, listing, source } = place
  const root = git.cwd
  const present = await scanFolder(root)
  if (present.unnamed.length > 0) await restoreUnnamed(git, present.unnamed)
  const plan = planRighting(present.listing, listing, await readTracked(git))
  if (source === null && plan.restore.length > 0) return null
  for (const path of plan.remove) await removeFolder(join(root, path))
  for (const [path, mode] of plan.modes) await chmod(join(root, path), mode & 0o7777)
  if (plan.restore.length === 0) return { removed: plan.remove, restored: [], listing }
  await copyEntries(source ?? '', root, plan.restore)
  return { removed: plan.remove, restored: plan.restore, listing: (await madeBySetUp(git)).listing }
}

/** Whether git tracks such a file can be told by its bytes alone: all of them go, and git brings back what is its own. */
async function restoreUnnamed(git: Git, paths: readonly string[]): Promise<void> {
  const aside = await mkdtemp(`${git.cwd}.aside-`)
  for (const [index, path] of paths.entries()) await moveAside(git.cwd, path, join(aside, String(index)))
  await removeFolder(aside)
  await restoreFiles(git)
}

/** What stands in a working tree besides the tracked files. */
export async function madeBySetUp(git: Git): Promise<Awaited<ReturnType<typeof scanFolder>>> {
  const [scan, tracked] = [await scanFolder(git.cwd), await readTracked(git)]
  for (const path of tracked) scan.listing.delete(path)
  return scan
}

/** Files of the index with the folders that hold them. A submodule is neither: what stands in it is made. */
async function readTracked(git: Git): Promise<Set<string>> {
  const tracked = new Set<string>()
  for (const { mode, path } of await filesOfIndex(git)) {
    if (mode !== submodule) tracked.add(path)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) tracked.add(path.slice(0, at))
  }
  return tracked
}

export async function submodulePaths(git: Git): Promise<ReadonlySet<string>> {
  return new Set((await filesOfIndex(git)).filter(({ mode }) => mode === submodule).map(({ path }) => path))
}

const submodule = '160000'

interface RightingPlan {
  /** Outermost paths. */
  readonly remove: readonly string[]
  /** Outermost paths. */
  readonly restore: readonly string[]
  readonly modes: readonly (readonly [string, number])[]
}

/** Pure. */
export function planRighting(present: Listing, made: Listing, tracked: ReadonlySet<string>): RightingPlan {
  const remove: string[] = []
  const restore: string[] = []
  const modes: [string, number][] = []
  for (const [path, entry] of present) {
    const wanted = made.get(path)
    if (tracked.has(path) || (wanted !== undefined && isSameEntry(entry, wanted))) continue
    if (wanted !== undefined && areFolders(entry, wanted)) modes.push([path, wanted[4]])
    else remove.push(path)
  }
  for (const [path, wanted] of made) {
    const entry = present.get(path)
    if (tracked.has(path) || isBelowTrackedFile(path, present, tracked)) continue
    if (entry === undefined || (!isSameEntry(entry, wanted) && !areFolders(entry, wanted))) restore.push(path)
  }
  return { remove: outermost(remove), restore: outermost(restore), modes }
}

function areFolders(left: Entry, right: Entry): boolean {
  return left[0] === 'folder' && right[0] === 'folder'
}

/** The judged tree wins: where it has a file, set-up cannot have a folder. */
function isBelowTrackedFile(path: string, present: Listing, tracked: ReadonlySet<string>): boolean {
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const above = path.slice(0, at)
    if (tracked.has(above) && present.get(above)?.[0] !== 'folder') return true
  }
  return false
}

/** Without those that lie below another one. */
export function outermost(paths: readonly string[]): string[] {
  const all = new Set(paths)
  return paths.filter((path) => {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) if (all.has(path.slice(0, at))) return false
    return true
  })
}
