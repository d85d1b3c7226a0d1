import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FileFacts } from '../file-facts.ts'

/** Identity of a file's content as of its last reading; equal stamps mean equal content. */
export type Stamp = readonly [size: number, changedMs: number, statusMs: number, inode: number, key: string]

export interface FactCache {
  /** Facts by content key, of every worktree of the repository. */
  load(): Map<string, FileFacts>
  loadStamps(root: string): Map<string, Stamp>
  save(change: {
    readonly root: string
    readonly facts: ReadonlyMap<string, FileFacts>
    /** More facts, in the stored form already. */
    readonly segments: readonly string[]
    readonly stamps: ReadonlyMap<string, Stamp>
  }): void
  close(): void
}

const schemaVersion = 1
const mostSegments = 40

/**
 * Facts in append-only segments: one row holds all that one run extracted, because reading six thousand rows costs more than
 * parsing one long text. Anything wrong with the file means an empty cache: it may be deleted at any time.
 */
export function openFactCache(file: string, version: string): FactCache {
  const database = openDatabase(file, `${schemaVersion}:${version}`)
  return {
    load: () => loadSegments(database),
    loadStamps: (root) => loadStamps(database, root),
    save: (change) => save(database, change),
    close: () => database.close(),
  }
}

function openDatabase(file: string, version: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  database.exec('PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  database.exec(
    'CREATE TABLE IF NOT EXISTS segment (id INTEGER PRIMARY KEY, data TEXT NOT NULL); CREATE TABLE IF NOT EXISTS stamp (root TEXT PRIMARY KEY, data TEXT NOT NULL); CREATE TABLE IF NOT EXISTS version (name TEXT PRIMARY KEY)',
  )
  const known = database.prepare('SELECT name FROM version').all()
  if (known.length !== 1 || known[0]?.['name'] !== version) {
    database.exec('DELETE FROM segment; DELETE FROM stamp; DELETE FROM version')
    database.prepare('INSERT INTO version (name) VALUES (?)').run(version)
  }
  return database
}

function loadSegments(database: DatabaseSync): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>()
  for (const row of database.prepare('SELECT data FROM segment ORDER BY id').iterate()) {
    // cox-allow parse-at-boundary owner=facts until=2027-06-30 reason=written by this program under this version; a schema over ten megabytes would cost more than the parse it saves
    const segment = JSON.parse(String(row['data'])) as readonly (readonly [string, FileFacts])[]
    for (const [key, value] of segment) facts.set(key, value)
  }
  return facts
}

function loadStamps(database: DatabaseSync, root: string): Map<string, Stamp> {
  const row = database.prepare('SELECT data FROM stamp WHERE root = ?').get(root)
  if (row === undefined) return new Map()
  // cox-allow parse-at-boundary owner=facts until=2027-06-30 reason=as above
  return new Map(JSON.parse(String(row['data'])) as readonly (readonly [string, Stamp])[])
}

function save(database: DatabaseSync, change: Parameters<FactCache['save']>[0]): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const insert = database.prepare('INSERT INTO segment (data) VALUES (?)')
    for (const segment of change.segments) insert.run(segment)
    if (change.facts.size > 0) database.prepare('INSERT INTO segment (data) VALUES (?)').run(JSON.stringify([...change.facts]))
    database
      .prepare('INSERT OR REPLACE INTO stamp (root, data) VALUES (?, ?)')
      .run(change.root, JSON.stringify([...change.stamps]))
    compact(database)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Many small segments become one; facts that no worktree's files refer to any more are dropped. */
function compact(database: DatabaseSync): void {
  const count = Number(database.prepare('SELECT count(*) AS n FROM segment').get()?.['n'] ?? 0)
  if (count <= mostSegments) return
  const used = new Set<string>()
  for (const row of database.prepare('SELECT root FROM stamp').all())
    for (const stamp of loadStamps(database, String(row['root'])).values()) used.add(stamp[4])
  const kept = [...loadSegments(database)].filter(([key]) => used.has(key))
  database.exec('DELETE FROM segment')
  database.prepare('INSERT INTO segment (data) VALUES (?)').run(JSON.stringify(kept))
}
