import type { Workspace } from '@coxswain/facts'
import type { BodyIndex } from './body-index.ts'
import type { Edit } from './evaluator.ts'

/** Files whose findings an edit can change: the edited ones, those they import or imported, those that import them, and those that share a body. */
export function affectedFiles(workspace: Workspace, bodies: BodyIndex, { change, before }: Edit): ReadonlySet<string> {
  const affected = new Set<string>()
  for (const path of change.changed) {
    affected.add(path)
    for (const importer of workspace.importersOf(path)) affected.add(importer)
    const now = workspace.edgesOf(path).flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []))
    for (const target of [...(before.get(path)?.targets ?? []), ...now]) addWithBehind(workspace, target, affected)
    const hashes = [
      ...(before.get(path)?.hashes ?? []),
      ...(workspace.facts.get(path)?.functions ?? []).flatMap((entry) => entry.hash ?? []),
    ]
    for (const hash of hashes) for (const file of bodies.filesWith(hash)) affected.add(file)
  }
  return affected
}

/** `export *` passes a use on to the module behind it. */
function addWithBehind(workspace: Workspace, path: string, affected: Set<string>): void {
  if (affected.has(path) && workspace.edgesOf(path).every(({ fact }) => fact.form !== 'reexport-all')) return
  const open = [path]
  const seen = new Set<string>()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    affected.add(next)
    for (const { fact, target } of workspace.edgesOf(next))
      if (fact.form === 'reexport-all' && target.kind === 'file') open.push(target.path)
  }
}
