import type { Snapshot } from '../cache/snapshot.ts'

/** For each path in order: the count of its targets, then their positions in the order. */
export function packGraph(paths: readonly string[], targetsOf: (path: string) => Iterable<string>): Int32Array {
  const at = new Map(paths.map((path, index) => [path, index]))
  const packed: number[] = []
  for (const path of paths) {
    const targets = [...new Set(targetsOf(path))].flatMap((target) => at.get(target) ?? [])
    packed.push(targets.length, ...targets)
  }
  return Int32Array.from(packed)
}

export interface UnpackedGraph {
  readonly importers: Map<string, Set<string>>
  targetsOf(path: string): readonly string[]
}

/** The graph of an earlier look, without what these files imported then. */
export function unpackGraph(snapshot: Snapshot, without: ReadonlySet<string>): UnpackedGraph {
  const { graph } = snapshot
  const paths = [...snapshot.files.keys()]
  const importers = new Map<string, Set<string>>()
  let at = 0
  for (const path of paths) {
    const end = at + 1 + (graph[at] ?? 0)
    if (!without.has(path)) for (let next = at + 1; next < end; next++) add(importers, paths[graph[next] ?? -1] ?? '', path)
    at = end
  }
  return { importers, targetsOf: readTargets(snapshot) }
}

/** What each file imported then. */
export function readTargets({ files, graph }: Snapshot): (path: string) => readonly string[] {
  const paths = [...files.keys()]
  const starts = new Map<string, number>()
  let at = 0
  for (const path of paths) {
    starts.set(path, at)
    at += 1 + (graph[at] ?? 0)
  }
  return (path) => {
    const start = starts.get(path)
    if (start === undefined) return []
    return [...graph.subarray(start + 1, start + 1 + (graph[start] ?? 0))].map((index) => paths[index] ?? '')
  }
}

function add(importers: Map<string, Set<string>>, target: string, importer: string): void {
  const known = importers.get(target)
  if (known === undefined) importers.set(target, new Set([importer]))
  else known.add(importer)
}
