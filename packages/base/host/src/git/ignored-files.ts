import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Git } from './open-git.ts'

/** Files and whole folders that git ignores and that were written since a moment, in milliseconds; each with the line that says so. */
export async function ignoredSince(git: Git, since: number): Promise<{ readonly path: string; readonly by: string }[]> {
  const listed = await git.run([
    'ls-files',
    '-z',
    '--others',
    '--ignored',
    '--exclude-standard',
    '--directory',
    '--no-empty-directory',
  ])
  const fresh: string[] = []
  for (const path of listed.split('\0').slice(0, -1).slice(0, mostLooked)) {
    const found = await lstat(join(git.cwd, path)).catch(() => null)
    if (found !== null && found.mtimeMs >= since) fresh.push(path)
  }
  if (fresh.length === 0) return []
  const args = ['check-ignore', '-z', '-v', '--no-index', '--stdin']
  const fields = (await git.attempt(args, { stdin: fresh.map((path) => `${path}\0`).join('') })).stdout.split('\0')
  const found: { path: string; by: string }[] = []
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', line = '', , path = ''] = fields.slice(at, at + 4)
    found.push({ path, by: `${source}:${line}` })
  }
  return found
}

const mostLooked = 5_000
