import { isPathConfig, type FactTree } from '@coxswain/facts'

export interface PathAliases {
  /** Folder of the tsconfig; its files use these aliases. */
  readonly dir: string
  readonly base: string
  readonly patterns: readonly { readonly pattern: string; readonly targets: readonly string[] }[]
}

/** `paths` of every tsconfig, deepest folder first. */
export function readPathAliases(tree: FactTree): PathAliases[] {
  const found: PathAliases[] = []
  for (const path of tree.facts.keys()) {
    if (!isPathConfig(path)) continue
    const options = tree.facts.get(path)?.aliases
    if (options === undefined) continue
    const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const base = joinPath(dir, options.base ?? '.')
    const patterns = Object.entries(options.paths).map(([pattern, targets]) => ({ pattern, targets }))
    found.push({ dir, base, patterns: options.base === null ? patterns : [...patterns, { pattern: '*', targets: ['*'] }] })
  }
  return found.toSorted((a, b) => b.dir.length - a.dir.length || (a.dir < b.dir ? -1 : 1))
}

/** Joins and normalises relative paths with `/`; never leaves the root. */
export function joinPath(dir: string, path: string): string {
  // Most imports name a file of the same folder.
  if (dir !== '' && besidePath.test(path) && !dir.includes('.')) return `${dir}/${path.slice(2)}`
  const parts = dir === '' ? [] : dir.split('/')
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

const besidePath = /^\.\/[\w-][\w.-]*$/
