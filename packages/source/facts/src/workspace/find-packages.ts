import picomatch from 'picomatch'
import { parse } from 'yaml'
import { z } from 'zod'
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
  for (const [path, facts] of tree.facts) {
    if (facts.manifest === undefined) continue
    const dir = path === 'package.json' ? '' : path.slice(0, -'/package.json'.length)
    const files: string[] = []
    const isMember = dir === '' || isDeclared(dir)
    byDir.set(dir, { node: { dir, name: facts.manifest.name, manifest: facts.manifest, isMember, files }, files })
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

const workspaceFile = z.object({ packages: z.array(z.string()).optional() }).catch({})

function declaredPatterns(tree: FactTree): Declared | null {
  if (tree.facts.has('pnpm-workspace.yaml')) {
    const { packages } = workspaceFile.parse(parseYaml(tree.textOf('pnpm-workspace.yaml')))
    if (packages !== undefined) return { file: 'pnpm-workspace.yaml', patterns: packages.map(trimPattern) }
  }
  const patterns = tree.facts.get('package.json')?.manifest?.workspaces ?? []
  return patterns.length === 0 ? null : { file: 'package.json', patterns: patterns.map(trimPattern) }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return {} // a broken workspace file declares nothing; the package manager says so better than a check
  }
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
