import picomatch from 'picomatch'

/** Case counts for nothing, because it does not for every file system; a line break in a name is a character like any other. */
const regexFlags = 'is'

/** The changed paths that only a person may change; dot files count. */
export function protectedAmong(paths: readonly string[], patterns: readonly string[]): string[] {
  if (patterns.length === 0) return []
  const isProtected = picomatch([...patterns], { dot: true, flags: regexFlags })
  return paths.filter((path) => isProtected(path))
}
