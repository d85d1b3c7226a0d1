import type { FileFacts } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'

/** What of a file other files' findings may depend on. */
export interface FileState {
  readonly imports: string
  readonly exports: string
  readonly isReadable: boolean
  readonly targets: readonly string[]
  readonly hashes: readonly string[]
}

export function fileState(workspace: Workspace, path: string): FileState {
  return stateOfFacts(workspace.facts.get(path), targetsOf(workspace, path))
}

/** The same from facts that are no longer the file's. */
export function stateOfFacts(facts: FileFacts | undefined, targets: readonly string[]): FileState {
  return {
    imports: importKey(facts),
    exports: exportedNames(facts),
    targets,
    isReadable: isReadable(facts),
    hashes: (facts?.functions ?? []).flatMap((entry) => entry.hash ?? []),
  }
}

function targetsOf(workspace: Workspace, path: string): string[] {
  return workspace.edgesOf(path).flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []))
}

function isReadable(facts: FileFacts | undefined): boolean {
  return facts?.problem === undefined
}

function importKey(facts: FileFacts | undefined): string {
  return JSON.stringify(facts?.imports ?? [])
}

/** What is passed on as a whole is offered too, though no name says so. */
function exportedNames(facts: FileFacts | undefined): string {
  const passed = (facts?.imports ?? []).filter(({ form }) => form === 'reexport-all').map(({ from }) => `* from ${from}`)
  return [...(facts?.exports ?? []).map((entry) => (entry.isType ? `type ${entry.name}` : entry.name)), ...passed].join()
}
