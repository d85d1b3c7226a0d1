import { readFileSync, statSync } from 'node:fs'
import { systemClock } from '@coxswain/host'
import { isErrorCode } from './read-text.ts'

export interface ReadFile {
  readonly bytes: Buffer
  readonly mode: number
}

interface Kept extends ReadFile {
  readonly identity: string
}

const kept = new Map<string, Kept>()
const mostKept = 20_000

/** A file written this recently may be written again within one tick of its timestamp, so it is not trusted yet. */
const settledMs = 2_000

/**
 * A file's bytes, from memory when inode, size and times say that it is the same. Thousands of small files are read at once here, and
 * synchronous calls cost a third of what promises do. @throws what `fs` throws
 */
export function readUnchanged(path: string): ReadFile {
  const stat = statSync(path, { bigint: true })
  const identity = `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.mode}`
  const known = kept.get(path)
  if (known?.identity === identity) return known
  const file = { bytes: readFileSync(path), mode: Number(stat.mode), identity }
  if (kept.size >= mostKept) kept.clear()
  if (systemClock.now() - Number(stat.mtimeMs) > settledMs) kept.set(path, file)
  return file
}

export function readUnchangedOrNull(path: string): ReadFile | null {
  try {
    return readUnchanged(path)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}
