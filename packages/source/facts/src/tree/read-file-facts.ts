import { hash } from 'node:crypto'
import { closeSync, lstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs'
import type { Stamp } from '../cache/snapshot.ts'
import { extractFacts, kindOf, type Scan } from '../extract/extract-facts.ts'
import { configKind } from '../extract/find-mentions.ts'
import { emptyFacts, type FileFacts } from '../file-facts.ts'
import { extractApart, largeFile, longestReadMs } from './extract-apart.ts'

export interface Look {
  readonly path: string
  /** Null for a file that vanished before it could be looked at. */
  readonly stats: Stats | null
  readonly now: number
  readonly scan?: Scan
}

export interface Reading {
  readonly facts: FileFacts
  /** Null when the file could not be read. */
  readonly stamp: Stamp | null
  /** Nobody had seen this content before. */
  readonly isNew: boolean
}

/** A file written twice within the file system's time step keeps its stamp: so young a stamp is not trusted again. */
const settleMs = 50

/** Reads one file; facts that are known under its content's key are taken from there. */
export function readFileFacts(
  root: string,
  { path, stats, now, scan = 'full' }: Look,
  known: (key: string) => FileFacts | undefined,
): Reading {
  const content = scan === 'none' ? Buffer.alloc(0) : readContent(`${root}/${path}`, stats?.size)
  if (typeof content === 'string' || stats === null) {
    const message = typeof content === 'string' ? content : 'vanished while it was read'
    return { facts: { ...emptyFacts(stats?.size ?? 0), problem: { line: 1, message } }, stamp: null, isNew: false }
  }
  const whole = keyOf(path, content)
  // What was read whole before is more than enough.
  const key = scan === 'full' || known(whole) !== undefined ? whole : scan === 'none' ? unread : `${whole}${part}`
  const isSettled = now - Math.max(stats.mtimeMs, stats.ctimeMs) > settleMs
  const facts = scan === 'none' ? emptyFacts(stats.size) : known(key)
  const read = facts ?? extract(path, content, scan)
  if (read === null) {
    const message = `cannot be read within ${longestReadMs / 1_000} seconds: it was not looked at`
    return { facts: { ...emptyFacts(stats.size), kind: 'source', problem: { line: 1, message } }, stamp: null, isNew: false }
  }
  return {
    facts: read,
    stamp: [isSettled ? stats.size : -1, stats.mtimeMs, stats.ctimeMs, stats.ino, key],
    isNew: facts === undefined,
  }
}

function extract(path: string, content: Buffer, scan: Scan): FileFacts | null {
  return content.length < largeFile ? extractFacts(path, content, { scan }) : extractApart({ path, content, scan })
}

/** Ends the key of what was read for fewer rules than there are. */
const part = '~'
/** The key of what was not read at all. */
const unread = '~~'

/** Whether facts of a key say enough. */
export function isEnough(key: string, scan: Scan): boolean {
  return !key.endsWith(part) || scan === 'none' || (scan === 'code' && key !== unread)
}

function keyOf(path: string, content: Buffer): string {
  const kind = kindOf(path)
  const grammar = kind === 'source' ? `${configKind(path) ?? ''}.${path.slice(path.lastIndexOf('.') + 1)}` : kind
  return `${hash('sha1', content, 'base64url')}.${grammar}`
}

export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null // a parent became a file, or may not be searched: for the check the file is gone
  }
}

const largestRead = 64 * 1024 * 1024

/** The content, or a sentence why there is none. It is gone at the next call: nearly all files fit into the same few pages. */
export function readContent(path: string, expected = Infinity): Buffer | string {
  try {
    if (expected < shared.length) return readShared(path, expected)
    const content = readFileSync(path)
    return content.length > largestRead ? content.subarray(0, largestRead) : content
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return code === 'ENOENT' ? 'vanished while it was read' : `cannot be read (${code})`
  }
}

const shared = Buffer.allocUnsafeSlow(256 * 1024)

function readShared(path: string, expected: number): Buffer {
  const file = openSync(path, 'r')
  try {
    let length = 0
    // A file that grows while it is read is read to its end, as any other.
    for (let read = -1; read !== 0 && length !== expected;) {
      if (length === shared.length) return readFileSync(path)
      read = readSync(file, shared, length, shared.length - length, null)
      length += read
    }
    return shared.subarray(0, length)
  } finally {
    closeSync(file)
  }
}
