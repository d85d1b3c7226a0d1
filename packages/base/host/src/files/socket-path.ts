import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface SocketPath extends AsyncDisposable {
  /** Names the socket for as long as this is not disposed of. */
  readonly path: string
}

/** macOS allows 103 bytes, Linux 107. */
const longest = 103

/** A socket's path may be too long to bind or to connect to; through its open folder it is short, where the system can name open files. */
export async function socketPath(path: string): Promise<SocketPath> {
  if (Buffer.byteLength(path) <= longest) return { path, [Symbol.asyncDispose]: async () => {} }
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${folder.fd}/${basename(path)}`, [Symbol.asyncDispose]: () => folder.close() }
}
