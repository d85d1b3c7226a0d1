import { chmod, copyFile, lstat, rename, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from '@coxswain/host'
import type { Scan } from './listing.ts'
import { madeBySetUp } from './put-right.ts'

/**
 * What set-up made, each file of its own afterwards: one that has another name in a shared store would be changed there by an agent that
 * may write it here.
 */
export async function unlinkMadeBySetUp(git: Git): Promise<Scan> {
  const made = await madeBySetUp(git)
  for (const path of made.shared) await breakLink(join(git.cwd, path))
  return made.shared.length === 0 ? made : madeBySetUp(git)
}

/** A file of its own in the place of a name for somebody else's. */
async function breakLink(path: string): Promise<void> {
  const { mode, atime, mtime } = await lstat(path)
  const own = `${path}.cox-own`
  await copyFile(path, own)
  await chmod(own, mode & 0o7777)
  await utimes(own, atime, mtime)
  await rename(own, path)
}
