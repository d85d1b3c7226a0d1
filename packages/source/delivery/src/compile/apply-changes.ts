import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { mkdir, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isErrorCode } from '@coxswain/constraints'
import { atomicWrite, containedPath } from '@coxswain/host'
import { mapLimit } from '@coxswain/kernel'
import type { Change } from './change.ts'
import { keptFolder } from './kept-aside.ts'

/** Performs planned changes: the only lines of this room that touch the tree. Folders that removal empties go too, as in git. */
export async function applyChanges(root: string, changes: readonly Change[]): Promise<void> {
  await writeFresh(root, changes.filter(isFresh))
  await mapLimit(
    changes.filter((change) => !isFresh(change)),
    16,
    async (change) => {
      const path = await containedPath(root, change.path)
      if (change.after === null) return unlink(path)
      await mkdir(dirname(path), { recursive: true })
      return atomicWrite(path, change.after, change.mode)
    },
  )
  const emptied = new Set(changes.filter((change) => change.after === null).map((change) => dirname(change.path)))
  for (const folder of [...emptied].toSorted((a, b) => b.length - a.length)) await removeEmptyFolders(root, folder)
}

/** What somebody wrote, and we keep for them, is no more ours than what stood in a file before. */
function isFresh({ path, before, after }: Change): boolean {
  return before === null && after !== null && !path.startsWith(keptFolder)
}

/**
 * New files hold only what can be generated again, so they need not wait for the disk; what stood in a file before is worth the wait.
 * Thousands of them are written at once, and synchronous calls cost a fifth of what promises do. A link in a file's place is replaced.
 */
async function writeFresh(root: string, changes: readonly Change[]): Promise<void> {
  const byFolder = Map.groupBy(changes, (change) => dirname(change.path))
  for (const [folder, members] of byFolder) {
    const real = await containedPath(root, folder)
    mkdirSync(real, { recursive: true })
    for (const { path, after } of members) {
      const staging = join(real, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
      writeFileSync(staging, after ?? '', { flag: 'wx' })
      renameSync(staging, join(real, basename(path)))
    }
  }
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let path = folder; path !== '.' && path !== ''; path = dirname(path)) {
    try {
      await rmdir(await containedPath(root, path))
    } catch (error) {
      if (isErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM')) return
      throw error
    }
  }
}
