import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/**
 * The text of a file that a command may have put there; null of what is none. Without waiting: a pipe of that name would keep who opens it until
 * somebody writes, and a device has no end.
 */
export function readRegular(path: string, mostBytes = 64_000_000): string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const found = fstatSync(file)
    return found.isFile() && found.size <= mostBytes ? readFileSync(file, 'utf8') : null
  } catch {
    return null // gone in the middle, or the disk failed
  } finally {
    closeSync(file)
  }
}
