import picomatch from 'picomatch'
import type { FactTree } from '@coxswain/facts'
import type { PackageNode, Workspace } from './workspace.ts'

export interface FoundPackages {
  readonly packages: readonly PackageNode[]
  readonly byName: ReadonlyMap<string, PackageNode>
  readonly deadPatterns: Workspace['deadPatterns']
  packageOf(path: string): PackageNode | null
}

/** What manifests and workspace files say, without the files of each package. */
export interface DeclaredPackages {
  readonly packages: readonly Omit<PackageNode, 'files'>[]
  readonly deadPatterns: Workspace['deadPatterns']
}

/** Packages of a worktree, in order of their folders. */
export function readPackages(tree: FactTree): DeclaredPackages {
  const declared = declaredPatterns(tree)
  const isDeclared =
    declared === null
      ? () => true
      : picomatch(
          declared.patterns.filter((pattern) => !pattern.startsWith('!')),
          { ignore: declared.patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)) },
        )
  const packages: Omit<PackageNode, 'files'>[] = []
  for (const path of tree.facts.keys()) {
    if (path !== 'package.json' && !path.endsWith('/package.json')) continue
    const manifest = tree.facts.get(path)?.manifest
    if (manifest === undefined) continue
    const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (dir !== '' && isMark(manifest) && !(declared !== null && isDeclared(dir))) continue
    packages.push({ dir, name: manifest.name, manifest, isMember: dir === '' || isDeclared(dir) })
  }
  packages.sort((a, b) => (a.dir < b.dir ? -1 : 1))
  return { packages, deadPatterns: findDeadPatterns(declared, packages) }
}

/** Says of a folder how its modules are read, and no more: `{ "type": "module" }`. Its files are those of the package around it. */
function isMark(manifest: PackageNode['manifest']): boolean {
  const { name, exports: offered, imports, entries, scripts, dependencies, devDependencies, peerDependencies } = manifest
  return (
    name === null &&
    (offered ?? null) === null &&
    (imports ?? null) === null &&
    entries.length === 0 &&
    [scripts, dependencies, devDependencies, peerDependencies].every((entry) => Object.keys(entry).length === 0)
  )
}

/** Gives each package its files. */
export function placeFiles({ packages: declared, deadPatterns }: DeclaredPackages, paths: Iterable<string>): FoundPackages {
  const byDir = new Map(declared.map((entry) => [entry.dir, { ...entry, files: [] as string[] }]))
  const packageOf = createLookup(byDir)
  for (const path of [...paths].toSorted()) packageOf(path)?.files.push(path)
  const packages = [...byDir.values()]
  const byName = new Map(
    packages.filter((node) => node.isMember).flatMap((node) => (node.name === null ? [] : [[node.name, node] as const])),
  )
  return { packages, byName, deadPatterns, packageOf }
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

function createLookup<Node>(byDir: ReadonlyMap<string, Node>): (path: string) => Node | null {
  const memo = new Map<string, Node | null>()
  const find = (dir: string): Node | null => {
    const known = memo.get(dir)
    if (known !== undefined) return known
    const found = byDir.get(dir) ?? (dir === '' ? null : find(parentOf(dir)))
    memo.set(dir, found)
    return found
  }
  const byPath = new Map<string, Node | null>()
  return (path) => {
    const known = byPath.get(path)
    if (known !== undefined) return known
    const found = find(parentOf(path))
    byPath.set(path, found)
    return found
  }
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at === -1 ? '' : path.slice(0, at)
}

function findDeadPatterns(
  declared: Declared | null,
  packages: readonly { readonly dir: string }[],
): { file: string; pattern: string }[] {
  if (declared === null) return []
  const isDead = (pattern: string): boolean => {
    const matches = picomatch(pattern)
    return !packages.some((node) => matches(node.dir))
  }
  return declared.patterns
    .filter((pattern) => !pattern.startsWith('!') && isDead(pattern))
    .map((pattern) => ({ file: declared.file, pattern }))
}
