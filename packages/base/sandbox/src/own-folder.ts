import { lstat, mkdir, rename } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

/**
 * Makes a folder below one that a command may write, and follows nothing on the way: a link or whatever else it left in the place of a folder
 * goes aside, so that what is written next stays here. Returns its path.
 */
export async function ownFolder(root: string, path: string): Promise<string> {
  let folder = root
  for (const name of path.split('/').filter((segment) => segment !== '' && segment !== '.')) {
    folder = join(folder, name)
    const found = await lstat(folder).catch(() => null)
    if (found?.isDirectory() === true) continue
    if (found !== null) await rename(folder, `${folder}.${randomBytes(6).toString('hex')}.aside`)
    await mkdir(folder, { mode: 0o700 })
  }
  return folder
}
