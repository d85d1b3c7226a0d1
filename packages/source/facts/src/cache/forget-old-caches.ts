import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const days = 24 * 60 * 60 * 1_000
const keptForMs = 30 * days

/** Removes what repositories left that nobody has checked for a month: most of them are gone. */
export function forgetOldCaches(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    if (!/\.(?:sqlite(?:-wal|-shm)?|matches\.json)$/.test(name)) continue
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && now - stats.mtimeMs > keptForMs) rmSync(path, { force: true })
  }
}
