import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isErrorCode } from '@coxswain/constraints'

/** The files that predictions are made from: a folder on disk, or bytes in memory. Paths are relative to the root. */
export interface TreeReader {
  /** Decoded as the agent programs do: bytes that are not UTF-8 become U+FFFD. Null when there is no such file. */
  read(path: string): string | null
  /** Paths of files below a folder, sorted; empty when there is none. */
  list(folder: string): readonly string[]
}

export function diskTree(root: string): TreeReader {
  return {
    read: (path) => orNull(() => (statSync(join(root, path)).isFile() ? readFileSync(join(root, path)).toString('utf8') : null)),
    list: (folder) => (orNull(() => listFolder(join(root, folder), folder)) ?? []).toSorted(),
  }
}

export function isRepository(root: string): boolean {
  return isThere(join(root, '.git'))
}

export function isThere(path: string): boolean {
  return orNull(() => statSync(path)) !== null
}

export function isFolder(path: string): boolean {
  return orNull(() => statSync(path).isDirectory()) ?? false
}

export function realFolder(path: string): string {
  return realpathSync(path)
}

function listFolder(absolute: string, folder: string): string[] {
  return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? listFolder(join(absolute, entry.name), path) : [path]
  })
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP')) return null
    throw error
  }
}
