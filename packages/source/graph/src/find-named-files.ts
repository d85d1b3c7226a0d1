import picomatch from 'picomatch'
import type { FileFacts } from '@coxswain/facts'
import { filesBelow, findSource } from './find-source.ts'
import { joinPath } from './read-path-aliases.ts'

interface Place {
  /** The configuration. */
  readonly from: string
  readonly facts: ReadonlyMap<string, FileFacts>
  /** Folders with a manifest; empty for the root. */
  readonly packageDirs: ReadonlySet<string>
  readonly sortedPaths: () => readonly string[]
}

/** The files that a path or pattern in a configuration stands for: seen from its folder, from its package or from the root. */
export function findNamedFiles(named: string, { from, facts, packageDirs, sortedPaths }: Place): readonly string[] {
  for (const base of bases(from, packageDirs)) {
    const path = joinPath(base, named)
    const found = named.includes('*') ? matching(path, sortedPaths()) : [findSource(path, facts)].filter((file) => file !== null)
    const others = found.filter((file) => file !== from)
    if (others.length > 0) return others
  }
  return []
}

function bases(from: string, packageDirs: ReadonlySet<string>): readonly string[] {
  const own = parentOf(from)
  let nearest = own
  while (nearest !== '' && !packageDirs.has(nearest)) nearest = parentOf(nearest)
  return [...new Set([own, nearest, ''])]
}

function matching(pattern: string, sorted: readonly string[]): readonly string[] {
  const below = filesBelow(sorted, pattern.slice(0, pattern.indexOf('*')))
  const matches = picomatch(pattern)
  return below.filter((path) => matches(path))
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
