import type { Workspace } from '@coxswain/facts'

/** Which files hold a function with a given body. */
export interface BodyIndex {
  filesWith(hash: string): readonly string[]
  /** Takes in a file's current functions in place of those it had. */
  replace(path: string, before: readonly string[]): void
  store(): StoredBodies
}

export type StoredBodies = readonly (readonly [hash: string, ...files: string[]])[]

const none: readonly string[] = []

export function createBodyIndex(workspace: Workspace, stored?: StoredBodies): BodyIndex {
  // Nearly all bodies are in one file only: those are kept as a string, not as a set.
  const index = new Map<string, string | Set<string>>(
    stored?.map(([hash, ...files]) => [hash, files.length === 1 ? (files[0] ?? '') : new Set(files)]),
  )
  const add = (path: string): void => {
    for (const { hash } of workspace.facts.get(path)?.functions ?? []) {
      if (hash === undefined) continue
      const known = index.get(hash)
      if (known === undefined) index.set(hash, path)
      else if (typeof known !== 'string') known.add(path)
      else if (known !== path) index.set(hash, new Set([known, path]))
    }
  }
  if (stored === undefined) for (const path of workspace.facts.keys()) add(path)
  return {
    filesWith: (hash) => {
      const known = index.get(hash)
      return known === undefined ? none : typeof known === 'string' ? [known] : [...known]
    },
    replace: (path, before) => {
      for (const hash of before) {
        const known = index.get(hash)
        if (known === path) index.delete(hash)
        else if (known !== undefined && typeof known !== 'string') known.delete(path)
      }
      add(path)
    },
    store: () => [...index].map(([hash, files]) => (typeof files === 'string' ? [hash, files] : [hash, ...files])),
  }
}
