import type { Change } from '../compile/change.ts'
import type { FileState } from '../compile/file-state.ts'
import type { TreeReader } from './tree-reader.ts'

export interface KnownTree {
  readonly states: ReadonlyMap<string, FileState>
  /** Of names that are links: the file that is written. */
  readonly links: ReadonlyMap<string, string>
}

/** Instruction files as they will stand after a compile. */
export function memoryTree({ states, links }: KnownTree, changes: readonly Change[]): TreeReader {
  const after = new Map(changes.map((change) => [change.path, change.after]))
  return {
    read: (name) => {
      const path = links.get(name) ?? name
      if (after.has(path)) return after.get(path) ?? null
      const state = states.get(path)
      return state?.kind === 'text' ? state.text : null
    },
    list: () => [],
  }
}
