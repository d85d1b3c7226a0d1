import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FileFacts } from '../file-facts.ts'
import { packSnapshot, unpackSnapshot, type Snapshot } from './snapshot.ts'

export interface FactCache {
  /** Facts of one content, of whichever worktree it was seen in. */
  get(key: string): FileFacts | undefined
  /** The same for many; those that are not there are left out. */
  getAll(keys: ReadonlySet<string>): Map<string, FileFacts>
  /** Whether a worktree has been saved under this version. */
  knows(root: string): boolean
  /** How a worktree was when it was last saved. */
  loadSnapshot(root: string): Snapshot | null
  save(change: CacheChange): void
  close(): void
}

export interface CacheChange {
  readonly root: string
  /** New facts by key, as text. */
  readonly facts: Iterable<readonly [string, string]>
  /** Null leaves the stored one as it is. */
  readonly snapshot: Snapshot | null
}

const schemaVersion = 2

/** One row per content and one per worktree. Anything wrong with the file means an empty cache: it may be deleted at any time. */
export function openFactCache(file: string, version: string): FactCache {
  const database = openDatabase(file, `${schemaVersion}:${version}`)
  const one = database.prepare('SELECT data FROM fact WHERE key = ?')
  return {
    get: (key) => {
      const row = one.get(key)
      return row === undefined ? undefined : parseFacts(row['data'])
    },
    getAll: (keys) => getAll(database, keys),
    knows: (root) => database.prepare('SELECT 1 FROM snapshot WHERE root = ?').get(root) !== undefined,
    loadSnapshot: (root) => {
      const row = database.prepare('SELECT * FROM snapshot WHERE root = ?').get(root)
      return row === undefined ? null : unpackSnapshot(row)
    },
    save: (change) => save(database, change),
    close: () => database.close(),
  }
}

function openDatabase(file: string, version: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  // Most rows are of some kilobytes: on small pages each would go on over several.
  database.exec('PRAGMA busy_timeout = 4000; PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  const known = database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'version'").get()
  const names = known?.['n'] === 1 ? database.prepare('SELECT name FROM version').all() : []
  if (names.length !== 1 || names[0]?.['name'] !== version) createTables(database, version)
  return database
}

function createTables(database: DatabaseSync, version: string): void {
  database.exec('BEGIN IMMEDIATE; DROP TABLE IF EXISTS version; DROP TABLE IF EXISTS fact; DROP TABLE IF EXISTS snapshot')
  database.exec('DROP TABLE IF EXISTS segment; DROP TABLE IF EXISTS stamp')
  database.exec(
    'CREATE TABLE version (name TEXT PRIMARY KEY); CREATE TABLE fact (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID',
  )
  database.exec(
    'CREATE TABLE snapshot (root TEXT PRIMARY KEY, paths TEXT, keys TEXT, stamps BLOB, lines BLOB, graph BLOB, notes TEXT)',
  )
  database.prepare('INSERT INTO version (name) VALUES (?)').run(version)
  database.exec('COMMIT')
}

function parseFacts(data: unknown): FileFacts {
  // cox-allow parse-at-boundary owner=facts until=2027-06-30 reason=written by this program under this version; a schema over ten megabytes would cost more than the parse it saves
  return JSON.parse(String(data)) as FileFacts
}

/** From here on one pass over everything is faster than a question for each. */
const manyKeys = 2_000

function getAll(database: DatabaseSync, keys: ReadonlySet<string>): Map<string, FileFacts> {
  const found = new Map<string, FileFacts>()
  if (keys.size < manyKeys) {
    const one = database.prepare('SELECT data FROM fact WHERE key = ?')
    for (const key of keys) {
      const row = one.get(key)
      if (row !== undefined) found.set(key, parseFacts(row['data']))
    }
    return found
  }
  for (const row of database.prepare('SELECT key, data FROM fact').iterate()) {
    const key = String(row['key'])
    if (keys.has(key)) found.set(key, parseFacts(row['data']))
  }
  return found
}

function save(database: DatabaseSync, { root, facts, snapshot }: CacheChange): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const insert = database.prepare('INSERT OR IGNORE INTO fact (key, data) VALUES (?, ?)')
    // In the order of the table: a page is written once.
    const sorted = [...facts].toSorted(([a], [b]) => (a < b ? -1 : 1))
    for (const [key, data] of sorted) insert.run(key, data)
    if (snapshot !== null) {
      const { paths, keys, stamps, lines, graph, notes } = packSnapshot(snapshot)
      database
        .prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(root, paths, keys, stamps, lines, graph, notes)
      prune(database, snapshot.files.size)
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** Forgets worktrees that are gone, and, when most facts belong to no worktree any more, those facts. */
function prune(database: DatabaseSync, files: number): void {
  const roots = database.prepare('SELECT root FROM snapshot').all()
  const gone = roots.map((row) => String(row['root'])).filter((root) => !existsSync(root))
  for (const root of gone) database.prepare('DELETE FROM snapshot WHERE root = ?').run(root)
  const count = Number(database.prepare('SELECT count(*) AS n FROM fact').get()?.['n'] ?? 0)
  if (count <= 2_000 + 4 * files) return
  const used = new Set<string>()
  for (const row of database.prepare('SELECT keys FROM snapshot').iterate())
    for (const key of String(row['keys']).split('\0')) used.add(key)
  if (count <= 2_000 + 2 * used.size) return
  const forget = database.prepare('DELETE FROM fact WHERE key = ?')
  for (const row of database.prepare('SELECT key FROM fact').all())
    if (!used.has(String(row['key']))) forget.run(row['key'] ?? null)
}
