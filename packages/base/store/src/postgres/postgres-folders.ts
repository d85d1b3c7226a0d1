import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachDetached } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { Unprivileged } from './unprivileged.ts'

/** macOS allows 103 bytes for `<folder>/.s.PGSQL.5432`, Linux 107. */
const longestFolder = 103 - '/.s.PGSQL.5432'.length

/** Where the server's socket lies: with its data, or in a private folder of the temp directory when that path is too long. */
export async function socketFolder(dataDir: string, user: Unprivileged): Promise<string> {
  const beside = join(dataDir, 'socket')
  const folder = Buffer.byteLength(beside) <= longestFolder ? beside : shortFolder(dataDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await refuseForeign(folder)
  await user.own(folder)
  return folder
}

function shortFolder(dataDir: string): string {
  return join(tmpdir(), `coxswain-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
}

/** Anybody may create names in the temp directory: a folder of somebody else must not be trusted. */
async function refuseForeign(folder: string): Promise<void> {
  const found = await lstat(folder)
  const uid = process.getuid?.()
  const isOurs = found.isDirectory() && (uid === 0 || found.uid === uid) && (found.mode & 0o077) === 0
  if (isOurs) return
  throw new CoxError('DATABASE_START_FAILED', `The socket folder ${folder} belongs to somebody else or is open to others`, {
    hint: `Remove ${folder} and start again.`,
    data: { folder },
  })
}

/** Where each start of the server leaves its log and its exit code. */
export function startsOf(dataDir: string): string {
  return join(dataDir, 'starts')
}

/** Each start has a folder with its log; those of servers that are gone are of no use once a new one runs. */
export async function removeOldRecords(folder: string, current: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const record = join(folder, name)
    if (record === current) continue
    const server = await attachDetached(record)
    const isOver = server === null ? await isForgotten(record, current) : !server.isAlive()
    if (isOver) await rm(record, { recursive: true, force: true })
  }
}

const longestStartMs = 120_000

/** Nothing was ever started in it, and not because somebody is just about to. */
async function isForgotten(record: string, current: string): Promise<boolean> {
  // Another start clears away, too, and may have been first.
  const timeOf = (folder: string): Promise<number | null> =>
    stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    )
  const [made, now] = [await timeOf(record), await timeOf(current)]
  return made !== null && now !== null && now - made > longestStartMs
}

/** The server's wrapper writes its exit code moments after the server is gone; then nothing writes in the folder any more. */
export async function waitForRecords(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const server = await attachDetached(join(folder, name))
    await server?.exited(AbortSignal.timeout(5_000)).catch(() => {}) // it is gone: only its record is late
  }
}
