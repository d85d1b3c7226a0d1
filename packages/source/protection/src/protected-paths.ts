import { countLines, type Git } from '@coxswain/host'
import picomatch from 'picomatch'

/** Case counts for nothing, because it does not for every file system; a line break in a name is a character like any other. */
const regexFlags = 'is'

/** The changed paths that only a person may change; dot files count. A pattern that begins with `!` frees what it matches. */
export function protectedAmong(paths: readonly string[], patterns: readonly string[]): string[] {
  const isProtected = matcher(patterns.filter((pattern) => !pattern.startsWith('!')))
  return notFreed(paths.filter(isProtected), patterns)
}

/** Those that no pattern with `!` takes out. */
export function notFreed(paths: readonly string[], patterns: readonly string[]): string[] {
  const isFreed = matcher(patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)))
  return paths.filter((path) => !isFreed(path))
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  return patterns.length === 0 ? () => false : picomatch([...patterns], { dot: true, flags: regexFlags })
}

const baselineFile = /^harness\/baseline\/[^/]+\.txt$/i

/** Lines that only leave a baseline make the checks stricter: nobody need be asked about that. */
export async function withoutShrunkBaselines(
  paths: readonly string[],
  { git, base, head }: { readonly git: Git; readonly base: string; readonly head: string },
): Promise<string[]> {
  const baselines = paths.filter((path) => baselineFile.test(path))
  if (baselines.length === 0) return [...paths]
  const counted = await countLines(git, { from: base, to: head, paths: baselines })
  const shrunk = new Set(counted.flatMap(({ path, added, removed }) => (added === 0 && (removed ?? 0) > 0 ? [path] : [])))
  return paths.filter((path) => !shrunk.has(path))
}
