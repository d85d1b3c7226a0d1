import { mkdir, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isErrorCode } from '@coxswain/constraints'
import { atomicWrite, containedPath } from '@coxswain/host'
import { mapLimit } from '@coxswain/kernel'
import type { Change } from './change.ts'

/** Performs planned changes: the only lines of this room that touch the tree. Folders that removal empties go too, as in git. */
export async function applyChanges(root: string, changes: readonly Change[]): Promise<void> {
  await mapLimit(changes, 16, async (change) => {
    const path = await containedPath(root, change.path)
    if (change.after === null) return unlink(path)
    await mkdir(dirname(path), { recursive: true })
    return atomicWrite(path, change.after, change.mode)
  })
  const emptied = new Set(changes.filter((change) => change.after === null).map((change) => dirname(change.path)))
  for (const folder of [...emptied].toSorted((a, b) => b.length - a.length)) await removeEmptyFolders(root, folder)
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
