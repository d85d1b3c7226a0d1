import type { SQLOutputValue } from 'node:sqlite'

/** Identity of a file's content as of its last reading; equal stamps mean equal content. */
export type Stamp = readonly [size: number, changedMs: number, statusMs: number, inode: number, key: string]

/** A worktree as it was when it was saved: enough to say what changed since without reading any facts. */
export interface Snapshot {
  /** By path, in the order of the list. */
  readonly files: ReadonlyMap<string, Stamp>
  /** For each file in order: its lines when it counts as source, else -1. */
  readonly lines: Int32Array
  /** Who imports whom: for each file in order the count of its targets and their positions. */
  readonly graph: Int32Array
  /** Of whoever evaluates the facts; this room does not read it. */
  readonly notes: string
}

export interface PackedSnapshot {
  readonly paths: string
  readonly keys: string
  readonly stamps: Uint8Array
  readonly lines: Uint8Array
  readonly graph: Uint8Array
  readonly notes: string
}

const numbersPerStamp = 4

export function packSnapshot({ files, lines, graph, notes }: Snapshot): PackedSnapshot {
  const stamps = new Float64Array(files.size * numbersPerStamp)
  let at = 0
  for (const [size, changedMs, statusMs, inode] of files.values()) {
    stamps.set([size, changedMs, statusMs, inode], at)
    at += numbersPerStamp
  }
  return {
    paths: [...files.keys()].join('\0'),
    keys: [...files.values()].map((stamp) => stamp[4]).join('\0'),
    stamps: bytesOf(stamps),
    lines: bytesOf(lines),
    graph: bytesOf(graph),
    notes,
  }
}

function bytesOf(list: Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(list.buffer, list.byteOffset, list.byteLength)
}

/** Null when the row is not what `packSnapshot` makes. */
export function unpackSnapshot(row: Readonly<Record<string, SQLOutputValue>>): Snapshot | null {
  const { paths, keys, stamps, lines, graph, notes } = row
  if (typeof paths !== 'string' || typeof keys !== 'string' || typeof notes !== 'string') return null
  if (!(stamps instanceof Uint8Array) || !(lines instanceof Uint8Array) || !(graph instanceof Uint8Array)) return null
  const [names, contents] = [paths.split('\0'), keys.split('\0')]
  const numbers = new Float64Array(aligned(stamps))
  if (names.length !== contents.length || numbers.length !== names.length * numbersPerStamp) return null
  const files = new Map<string, Stamp>()
  for (let at = 0; at < names.length; at++) {
    const [start, key] = [at * numbersPerStamp, contents[at] ?? '']
    files.set(names[at] ?? '', [
      numbers[start] ?? 0,
      numbers[start + 1] ?? 0,
      numbers[start + 2] ?? 0,
      numbers[start + 3] ?? 0,
      key,
    ])
  }
  return { files, lines: new Int32Array(aligned(lines)), graph: new Int32Array(aligned(graph)), notes }
}

/** SQLite hands over bytes at any address; numbers need one of their own size. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer
}
