import type { Workspace } from '@coxswain/graph'

/** Which files hold a function with a given body. */
export interface BodyIndex {
  filesWith(hash: string): readonly string[]
  /** Takes in a file's current functions in place of those it had. */
  replace(path: string, before: readonly string[]): void
  store(): StoredBodies
}

/** For each body its hash and its files, as one text: an edit asks for a few of tens of thousands. No path holds two slashes in a row. */
export type StoredBodies = string

const [betweenBodies, betweenFiles] = ['///', '//']

/** Nearly all bodies are in one file only: those are kept as a string, not as a set. */
type Files = string | Set<string>

export function createBodyIndex(workspace: Workspace, stored?: StoredBodies): BodyIndex {
  const index = createIndex(stored ?? '')
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
      return known === undefined ? [] : typeof known === 'string' ? [known] : [...known]
    },
    replace: (path, before) => {
      for (const hash of before) {
        const known = index.get(hash)
        if (known === path) index.set(hash, new Set())
        else if (known !== undefined && typeof known !== 'string') known.delete(path)
      }
      add(path)
    },
    store: () => [...index.all()].flatMap(([hash, files]) => toText(hash, files)).join(''),
  }
}

interface Index {
  get(hash: string): Files | undefined
  set(hash: string, files: Files): void
  all(): ReadonlyMap<string, Files>
}

/** From here on, taking the text apart costs less than searching it. */
const mostSearches = 16

function createIndex(stored: StoredBodies): Index {
  let known = new Map<string, Files>()
  let [text, searches] = [stored, 0]
  const readAll = (): ReadonlyMap<string, Files> => {
    if (text !== '') known = new Map([...text.split(betweenBodies).slice(1).map(fromText), ...known])
    text = ''
    return known
  }
  const search = (hash: string): Files | undefined => {
    if (++searches > mostSearches) return readAll().get(hash)
    const start = text.indexOf(`${betweenBodies}${hash}${betweenFiles}`)
    if (start === -1) return undefined
    const end = text.indexOf(betweenBodies, start + betweenBodies.length)
    const [, files] = fromText(text.slice(start + betweenBodies.length, end === -1 ? undefined : end))
    known.set(hash, files)
    return files
  }
  return {
    get: (hash) => known.get(hash) ?? (text === '' ? undefined : search(hash)),
    set: (hash, files) => void known.set(hash, files),
    all: readAll,
  }
}

function fromText(text: string): [hash: string, files: Files] {
  const [hash = '', ...files] = text.split(betweenFiles)
  return [hash, files.length === 1 ? (files[0] ?? '') : new Set(files)]
}

function toText(hash: string, files: Files): string[] {
  const list = typeof files === 'string' ? [files] : [...files]
  return list.length === 0 ? [] : [betweenBodies + [hash, ...list].join(betweenFiles)]
}
