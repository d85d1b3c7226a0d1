import picomatch from 'picomatch'

/** Case counts for nothing, because it does not for every file system; a line break in a name is a character like any other. */
const regexFlags = 'is'

/** The changed paths that only a person may change; dot files count. A pattern that begins with `!` frees what it matches. */
export function protectedAmong(paths: readonly string[], patterns: readonly string[]): string[] {
  const isProtected = matcher(patterns.filter((pattern) => !pattern.startsWith('!')))
  const isFreed = matcher(patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)))
  return paths.filter((path) => isProtected(path) && !isFreed(path))
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  return patterns.length === 0 ? () => false : picomatch([...patterns], { dot: true, flags: regexFlags })
}
