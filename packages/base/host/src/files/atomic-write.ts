import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

/** Replaces a file as a whole: a reader or a crash sees the old content or the new one, never a part. */
export async function atomicWrite(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const staging = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(staging, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(staging, path)
  } catch (error) {
    await rm(staging, { force: true })
    throw error
  }
}
