import picomatch from 'picomatch'
import type { Workspace } from '@coxswain/graph'
import type { ArchitectureFile } from './architecture.ts'

/** Where a file stands in the declared architecture; null where the declaration does not reach. */
export interface Place {
  readonly layer: string | null
  readonly domain: string | null
  readonly isProvider: boolean
}

const nowhere: Place = { layer: null, domain: null, isProvider: false }

/** Places by folder, because all files of a folder share theirs; by file, because every edge asks for two. */
export function createClassifier(file: ArchitectureFile, workspace: Workspace): (path: string) => Place {
  const names = file.layers.map((entry) => entry.name)
  const patterns = file.packages.map((pattern) => ({ isName: pattern.startsWith('@'), shape: toShape(pattern, names) }))
  const isProvider =
    file.providers.length === 0 ? () => false : picomatch([...file.providers, ...file.providers.map((glob) => `${glob}/**`)])
  const [byFolder, byFile] = [new Map<string, Place>(), new Map<string, Place>()]
  const find = (path: string): Place => {
    const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const known = byFolder.get(dir)
    if (known !== undefined) return known
    const place = isProvider(dir) ? { ...nowhere, isProvider: true } : match(patterns, dir, workspace.packageOf(path)?.name ?? '')
    byFolder.set(dir, place)
    return place
  }
  return (path) => {
    const known = byFile.get(path) ?? find(path)
    byFile.set(path, known)
    return known
  }
}

function match(patterns: readonly { readonly isName: boolean; readonly shape: RegExp }[], dir: string, name: string): Place {
  for (const { isName, shape } of patterns) {
    const groups = shape.exec(isName ? name : `${dir}/`)?.groups
    if (groups !== undefined) return { layer: groups['layer'] ?? null, domain: groups['domain'] ?? null, isProvider: false }
  }
  return nowhere
}

/** `packages/{domain}/{feature}-{layer}` as an expression; `{layer}` stands for declared layers only. */
function toShape(pattern: string, layers: readonly string[]): RegExp {
  const escape = (text: string): string => text.replace(/[.+?^$()|[\]\\]/g, '\\$&')
  const source = escape(pattern)
    .replaceAll('*', '[^/]*')
    .replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'layer' && layers.length > 0 ? `(?<layer>${layers.map(escape).join('|')})` : `(?<${name}>[^/]+)`,
    )
  return new RegExp(pattern.startsWith('@') ? `^${source}$` : `^${source}/`)
}
