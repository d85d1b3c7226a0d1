import picomatch from 'picomatch'
import type { FactTree } from '../tree/fact-tree.ts'
import type { PackageNode, Workspace } from './workspace.ts'

export interface FoundPackages {
  readonly packages: readonly PackageNode[]
  readonly byName: ReadonlyMap<string, PackageNode>
  readonly deadPatterns: Workspace['deadPatterns']
  packageOf(path: string): PackageNode | null
}

/** Packages of a worktree, in order of their folders, with the files of each. */
export function findPackages(tree: FactTree): FoundPackages {
  const declared = declaredPatterns(tree)
  const isDeclared =
    declared === null
      ? () => true
      : picomatch(
          declared.patterns.filter((pattern) => !pattern.startsWith('!')),
          { ignore: declared.patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)) },
        )
  const byDir = new Map<string, { node: PackageNode; files: string[] }>()
  for (const path of tree.facts.keys()) {
    if (path !== 'package.json' && !path.endsWith('/package.json')) continue
    const manifest = tree.facts.get(path)?.manifest
    if (manifest === undefined) continue
    const dir = path === 'package.json' ? '' : path.slice(0, -'/package.json'.length)
    const files: string[] = []
    const isMember = dir === '' || isDeclared(dir)
    byDir.set(dir, { node: { dir, name: manifest.name, manifest, isMember, files }, files })
  }
  const packageOf = createLookup(byDir)
  for (const path of [...tree.facts.keys()].toSorted()) byDir.get(packageOf(path)?.dir ?? '')?.files.push(path)
  const packages = [...byDir.values()].map((entry) => entry.node).toSorted((a, b) => (a.dir < b.dir ? -1 : 1))
  const byName = new Map(
    packages.filter((node) => node.isMember).flatMap((node) => (node.name === null ? [] : [[node.name, node] as const])),
  )
  return { packages, byName, deadPatterns: findDeadPatterns(declared, packages), packageOf }
}

interface Declared {
  readonly file: string
  readonly patterns: readonly string[]
}

function declaredPatterns(tree: FactTree): Declared | null {
  const declared = tree.facts.get('pnpm-workspace.yaml')?.workspaces
  if (declared !== undefined) return { file: 'pnpm-workspace.yaml', patterns: declared.map(trimPattern) }
  const patterns = tree.facts.get('package.json')?.manifest?.workspaces ?? []
  return patterns.length === 0 ? null : { file: 'package.json', patterns: patterns.map(trimPattern) }
}

function trimPattern(pattern: string): string {
  return pattern.replace(/^(!?)\.\//, '$1').replace(/\/$/, '')
}

function createLookup(byDir: ReadonlyMap<string, { readonly node: PackageNode }>): (path: string) => PackageNode | null {
  const memo = new Map<string, PackageNode | null>()
  const find = (dir: string): PackageNode | null => {
    const known = memo.get(dir)
    if (known !== undefined) return known
    const own = byDir.get(dir)?.node
    const found = own ?? (dir === '' ? null : find(parentOf(dir)))
    memo.set(dir, found)
    return found
  }
  return (path) => find(parentOf(path))
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at === -1 ? '' : path.slice(0, at)
}

function findDeadPatterns(declared: Declared | null, packages: readonly PackageNode[]): { file: string; pattern: string }[] {
  if (declared === null) return []
  return declared.patterns
    .filter((pattern) => !pattern.startsWith('!') && !packages.some((node) => picomatch.isMatch(node.dir, pattern)))
    .map((pattern) => ({ file: declared.file, pattern }))
}
