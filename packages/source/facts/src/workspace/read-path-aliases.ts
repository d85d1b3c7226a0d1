import { z } from 'zod'
import type { FactTree } from '../tree/fact-tree.ts'

export interface PathAliases {
  /** Folder of the tsconfig; its files use these aliases. */
  readonly dir: string
  readonly base: string
  readonly patterns: readonly { readonly pattern: string; readonly targets: readonly string[] }[]
}

const tsconfig = z.looseObject({
  extends: z.union([z.string(), z.array(z.string())]).optional(),
  compilerOptions: z
    .looseObject({ baseUrl: z.string().optional(), paths: z.record(z.string(), z.array(z.string())).optional() })
    .optional(),
})

/** `paths` of every tsconfig, deepest folder first. */
export function readPathAliases(tree: FactTree): PathAliases[] {
  const found: PathAliases[] = []
  for (const path of tree.facts.keys()) {
    if (!/(?:^|\/)tsconfig(?:\.base|\.app|\.lib)?\.json$/.test(path)) continue
    const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const options = tsconfig.safeParse(parseLoosely(tree.textOf(path))).data?.compilerOptions
    if (options?.paths === undefined && options?.baseUrl === undefined) continue
    const base = joinPath(dir, options.baseUrl ?? '.')
    const patterns = Object.entries(options.paths ?? {}).map(([pattern, targets]) => ({ pattern, targets }))
    found.push({
      dir,
      base,
      patterns: options.baseUrl === undefined ? patterns : [...patterns, { pattern: '*', targets: ['*'] }],
    })
  }
  return found.toSorted((a, b) => b.dir.length - a.dir.length || (a.dir < b.dir ? -1 : 1))
}

/** Comments and trailing commas are allowed in a tsconfig. */
function parseLoosely(text: string): unknown {
  const bare = text
    .replace(/^\uFEFF/, '')
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '$1')
    .replace(/,(\s*[}\]])/g, '$1')
  try {
    return JSON.parse(bare)
  } catch {
    return {}
  }
}

/** Joins and normalises relative paths with `/`; never leaves the root. */
export function joinPath(dir: string, path: string): string {
  const parts = dir === '' ? [] : dir.split('/')
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
