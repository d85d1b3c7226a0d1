import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, rename, symlink } from 'node:fs/promises'

/** Creates a folder that only its owner can enter, and its parents. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Makes `path` a link to `target`, replacing what was there; the target need not exist. */
export async function replaceLink(target: string, path: string): Promise<void> {
  const staging = `${path}.${randomBytes(6).toString('hex')}.tmp`
  await symlink(target, staging)
  await rename(staging, path)
}

/** Copies a file when there is one, in the place of what stands there; tells whether there was. */
export async function copyIfPresent(from: string, to: string): Promise<boolean> {
  const staging = `${to}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await copyFile(from, staging, constants.COPYFILE_EXCL)
    await rename(staging, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
