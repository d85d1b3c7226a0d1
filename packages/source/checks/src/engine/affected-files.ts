import type { Workspace } from '@coxswain/graph'
import type { BodyIndex } from './body-index.ts'
import type { Edit } from './evaluator.ts'
import { fileState } from './file-state.ts'

/** Files whose findings an edit can change: the edited ones; those that import one whose exports changed; those that one with changed imports names or named; those that share a body. */
export function affectedFiles(workspace: Workspace, bodies: BodyIndex, { change, before }: Edit): ReadonlySet<string> {
  const affected = new Set<string>()
  for (const path of change.changed) {
    affected.add(path)
    const [was, now] = [before.get(path), fileState(workspace, path)]
    if (was?.exports !== now.exports || was.isReadable !== now.isReadable)
      for (const importer of workspace.importersOf(path)) affected.add(importer)
    if (was?.imports !== now.imports)
      for (const target of [...(was?.targets ?? []), ...now.targets]) addWithBehind(workspace, target, affected)
    for (const hash of [...(was?.hashes ?? []), ...now.hashes]) for (const file of bodies.filesWith(hash)) affected.add(file)
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
