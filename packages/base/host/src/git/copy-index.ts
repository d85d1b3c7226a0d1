import { constants } from 'node:fs'
import { copyFile, stat, utimes } from 'node:fs/promises'

/**
 * Git looks into files that are no older than its index, because within one grain of time they may have changed again. So a copy is as old as what it
 * is a copy of, in whole seconds: one that looked newer would hide such a change.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from)
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  const seconds = Math.floor(mtimeMs / 1_000)
  await utimes(to, seconds, seconds)
}
