import { lstatSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { conflictLine, isErrorCode, readUnchanged } from '@coxswain/constraints'
import { containedPath } from '@coxswain/host'
import { isCoxError } from '@coxswain/kernel'

/** What stands at a path, and whether it may be written. */
export type FileState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'text'; readonly text: string; readonly mode: number }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly hint: string; readonly line: number }

export interface LocatedFile {
  /** Relative to the root, symlinks followed: two names of one file share it. */
  readonly realPath: string
  readonly state: FileState
}

const ownerMayWrite = 0o200

/** Reads files for rewriting; everything that must be left alone is refused with its reason. `realRoot` has no symlinks. */
export function createStateReader(realRoot: string): (path: string) => Promise<LocatedFile> {
  const folders = new Map<string, Promise<string>>()
  return async (path) => {
    try {
      const folder = dirname(path)
      const realFolder = folders.get(folder) ?? containedPath(realRoot, folder)
      folders.set(folder, realFolder)
      const direct = join(await realFolder, basename(path))
      const real = isLink(direct) ? await containedPath(realRoot, path) : direct
      return { realPath: relative(realRoot, real).replaceAll('\\', '/'), state: readState(real) }
    } catch (error) {
      if (!isCoxError(error, 'PATH_OUTSIDE')) throw error
      return {
        realPath: path,
        state: refused('SYMLINK_OUTSIDE', 'is a link that leaves the tree', 'Replace the link by a file.'),
      }
    }
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function readState(path: string): FileState {
  try {
    const { bytes, mode } = readUnchanged(path)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text, 'utf8').equals(bytes)) return refused('FILE_NOT_UTF8', 'is not UTF-8', 'Save it as UTF-8.')
    const conflict = conflictLine(text)
    if (conflict !== null)
      return { ...refused('MERGE_CONFLICT', 'has merge-conflict markers', 'Resolve them, then compile again.'), line: conflict }
    if ((mode & ownerMayWrite) === 0)
      return {
        kind: 'refused',
        code: 'FILE_READ_ONLY',
        message: 'is read-only',
        hint: 'Make it writable, or drop its target.',
        line: 1,
      }
    return { kind: 'text', text, mode: mode & 0o777 }
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' }
    if (isErrorCode(error, 'EISDIR')) return refused('PATH_IS_FOLDER', 'is a folder', 'Rename the folder, or drop the target.')
    if (isErrorCode(error, 'EACCES', 'EPERM')) return refused('FILE_UNREADABLE', 'cannot be read', 'Correct its permissions.')
    throw error
  }
}

function refused(code: string, message: string, hint: string): FileState & { readonly kind: 'refused' } {
  return { kind: 'refused', code, message, hint, line: 1 }
}
