import { createRequire } from 'node:module'

export type Tree = Readonly<Record<string, unknown>>

type Yaml = typeof import('yaml')
let yaml: Yaml | undefined

/** Null where the text is no YAML, or no map. */
export function readSettings(text: string): Tree | null {
  try {
    // Loaded only when a protected file differs: most checks compare none.
    yaml ??= createRequire(import.meta.url)('yaml') as Yaml
    const value: unknown = yaml.parse(text) ?? {}
    return isTree(value) ? value : null
  } catch {
    return null // the caller says that it cannot be judged
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function treeOf(value: unknown): Tree {
  return isTree(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function textsOf(value: unknown): string[] {
  return listOf(value).map(String)
}

/** The maps of a list, by the value of a key. */
export function byKey(value: unknown, key: string): Map<string, Tree> {
  return new Map(
    listOf(value)
      .map(treeOf)
      .map((item) => [String(item[key]), item]),
  )
}

/** What `after` has and `before` has not. */
export function gained(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before)
  return after.filter((item) => !known.has(item))
}
