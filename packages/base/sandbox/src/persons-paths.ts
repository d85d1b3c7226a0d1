import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Paths that a harness file names, on this machine: `~/` is the person's home, and what is missing counts for nothing. */
export function personsPaths(paths: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  const home = environment['HOME'] ?? '/'
  return paths.map((path) => (path.startsWith('~/') ? join(home, path.slice(2)) : path)).filter((path) => existsSync(path))
}
