import picomatch from 'picomatch'

/** The changed paths that only a person may change. Dot files count; matching ignores no case. */
export function protectedAmong(paths: readonly string[], patterns: readonly string[]): string[] {
  if (patterns.length === 0) return []
  const isProtected = picomatch([...patterns], { dot: true })
  return paths.filter((path) => isProtected(path))
}
