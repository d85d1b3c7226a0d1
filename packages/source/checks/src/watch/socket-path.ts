import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where the watch service of a folder's repository keeps its socket and its own files. Loads nothing: the fast path of the command starts here. */
export function serviceFolder(folder: string): string {
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
