import type { Edge, Workspace } from '@coxswain/graph'

/** Names of a file that others take; `all` when someone takes the module as a whole. */
export function usedNames(workspace: Workspace, path: string): ReadonlySet<string> | 'all' {
  const names = new Set<string>()
  // A file that passes everything on is asked in its place: those that pass on to each other are asked once.
  const passing = new Set([path])
  for (const passed of passing) {
    for (const importer of workspace.importersOf(passed)) {
      for (const { fact } of edgesBetween(workspace, importer, passed)) {
        if (fact.form === 'reexport-all' && workspace.isEntry(importer)) return 'all'
        if (fact.form === 'reexport-all') passing.add(importer)
        // Behind a question mark stands what a bundler makes of the file.
        else if (fact.names.includes('*') || fact.from.includes('?')) return 'all'
        else for (const name of fact.names) names.add(name)
      }
    }
  }
  return names
}

const few = 16
const byTarget = new WeakMap<readonly Edge[], ReadonlyMap<string, readonly Edge[]>>()

/** A file with a hundred thousand imports is not read through once for each of them. */
function edgesBetween(workspace: Workspace, from: string, to: string): readonly Edge[] {
  const edges = workspace.edgesOf(from)
  if (edges.length <= few) return edges.filter(({ target }) => target.kind === 'file' && target.path === to)
  let known = byTarget.get(edges)
  if (known === undefined) {
    known = Map.groupBy(edges, ({ target }) => (target.kind === 'file' ? target.path : ''))
    byTarget.set(edges, known)
  }
  return known.get(to) ?? []
}
