import type { ExportFact } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'

/** What a file offers, `export *` included, by name. */
export function offeredNames(workspace: Workspace, entry: string): ReadonlyMap<string, ExportFact> {
  const names = new Map<string, ExportFact>()
  const open = [entry]
  const seen = new Set(open)
  for (const path of open) {
    for (const item of workspace.facts.get(path)?.exports ?? [])
      if ((path === entry || item.name !== 'default') && !names.has(item.name)) names.set(item.name, item)
    for (const { fact, target } of workspace.edgesOf(path)) {
      if (fact.form !== 'reexport-all' || target.kind !== 'file' || seen.has(target.path)) continue
      seen.add(target.path)
      open.push(target.path)
    }
  }
  return names
}
