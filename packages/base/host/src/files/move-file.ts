import { lstat, mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { atomicWrite } from './atomic-write.ts'

/** Moves a file to a place where none is, and makes the folders on the way; false when the source is gone or the place is taken. */
export async function moveFile(from: string, to: string): Promise<boolean> {
  if (!(await isThere(from)) || (await isThere(to))) return false
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  return true
}

/** Writes a file where none is, and makes the folders on the way; false when the place is taken. */
export async function createFile(path: string, content: string | Uint8Array): Promise<boolean> {
  if (await isThere(path)) return false
  await mkdir(dirname(path), { recursive: true })
  await atomicWrite(path, content)
  return true
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
