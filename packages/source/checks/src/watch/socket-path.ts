import { createHash } from 'node:crypto'
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where the watch service of a folder's repository keeps its socket and its own files; null when there is no such folder. Loads nothing: the fast path of the command starts here. */
export function serviceFolder(folder: string): string | null {
  if (!existsSync(folder)) return null
  const root = nearestRoot(realpathSync(folder))
  const user = process.getuid?.() ?? 0
  return join(tmpdir(), `coxswain-${user}`, createHash('sha256').update(root).digest('hex').slice(0, 16))
}

function nearestRoot(start: string): string {
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, 'harness')) || existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return start
  }
}

/** Whether only this user can put anything into a service's folder, and into the one that holds it. */
export function isPrivateFolder(folder: string): boolean {
  return [folder, dirname(folder)].every((path) => isOwnFolder(path) && (lstatSync(path).mode & 0o077) === 0)
}

export function isOwnFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats !== undefined && stats.isDirectory() && stats.uid === (process.getuid?.() ?? stats.uid)
}
