import { constants, existsSync } from 'node:fs'
import { open, rename, type FileHandle } from 'node:fs/promises'
import { containedPath } from './contained-path.ts'

/**
 * Moves what lies in a folder as a whole, while who made it may be alive and put links in our way: its folder is held open, one segment after the
 * other. Removed it is by whoever ended everything that can write there, or where nobody else can reach. `path`: by its bytes (latin1).
 */
export async function moveAside(root: string, path: string, to: string): Promise<void> {
  if (!existsSync('/proc/self/fd')) return rename(await containedPath(root, Buffer.from(path, 'latin1').toString('utf8')), to)
  const held: FileHandle[] = []
  try {
    let folder = Buffer.from(root).toString('latin1')
    const segments = ['.', ...path.split('/')]
    for (const segment of segments.slice(0, -1)) {
      const handle = await open(
        Buffer.from(`${folder}/${segment}`, 'latin1'),
        constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
      )
      held.push(handle)
      folder = `/proc/self/fd/${handle.fd}`
    }
    await rename(Buffer.from(`${folder}/${segments.at(-1)}`, 'latin1'), to)
  } finally {
    for (const handle of held) await handle.close()
  }
}
