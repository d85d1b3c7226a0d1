import type { Workspace } from '@coxswain/graph'

/** Names of a file that others take; `all` when someone takes the module as a whole. */
export function usedNames(
  workspace: Workspace,
  path: string,
  seen: ReadonlySet<string> = new Set(),
): ReadonlySet<string> | 'all' {
  const names = new Set<string>()
  for (const importer of workspace.importersOf(path)) {
    for (const { fact, target } of workspace.edgesOf(importer)) {
      if (target.kind !== 'file' || target.path !== path) continue
      if (fact.form === 'reexport-all') {
        const passed =
          workspace.isEntry(importer) || seen.has(importer) ? 'all' : usedNames(workspace, importer, new Set([...seen, path]))
        if (passed === 'all') return 'all'
        for (const name of passed) names.add(name)
      } else if (fact.names.includes('*')) return 'all'
      else for (const name of fact.names) names.add(name)
    }
  }
  return names
}
