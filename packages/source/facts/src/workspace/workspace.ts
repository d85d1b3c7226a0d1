import type { FileFacts, ImportFact, ManifestFacts } from '../file-facts.ts'
import type { FactTree, TreeChange } from '../tree/fact-tree.ts'
import { findPackages } from './find-packages.ts'
import { readPathAliases } from './read-path-aliases.ts'
import { createResolver, type Resolver, type Target } from './resolve-import.ts'

export interface PackageNode {
  /** Empty for the root. */
  readonly dir: string
  readonly name: string | null
  readonly manifest: ManifestFacts
  /** Declared by the workspace, or the root itself. */
  readonly isMember: boolean
  /** Files that belong to this package and to none inside it, sorted. */
  readonly files: readonly string[]
}

export interface Edge {
  readonly from: string
  readonly fact: ImportFact
  readonly target: Target
}

/** Files, packages and who imports whom. Rules read it; only its owner changes it. */
export interface Workspace {
  readonly root: string
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly packages: readonly PackageNode[]
  readonly packageByName: ReadonlyMap<string, PackageNode>
  /** Workspace patterns that match no package. */
  readonly deadPatterns: readonly { readonly file: string; readonly pattern: string }[]
  packageOf(path: string): PackageNode | null
  edgesOf(path: string): readonly Edge[]
  importersOf(path: string): ReadonlySet<string>
  /** The file a package offers to those who name only the package. */
  entryOf(node: PackageNode): string | null
  /** Files that something outside the import graph starts or reads. */
  isEntry(path: string): boolean
  textOf(path: string): string
}

export interface OwnedWorkspace extends Workspace {
  /** Takes in edits of files that were there before and are still; anything else needs a new workspace. */
  update(change: TreeChange): void
}

/** Whether the graph can take the change in; otherwise it has to be built anew. */
export function canUpdate(change: TreeChange): boolean {
  return (
    change.added.length === 0 &&
    change.removed.length === 0 &&
    change.changed.every((path) => !/(?:^|\/)(?:package\.json|tsconfig[\w.-]*\.json|pnpm-workspace\.yaml)$/.test(path))
  )
}

export function createWorkspace(tree: FactTree): OwnedWorkspace {
  const found = findPackages(tree)
  const resolver = createResolver({
    facts: tree.facts,
    packages: found.packages,
    packageOf: found.packageOf,
    aliases: readPathAliases(tree),
  })
  const edges = new Map<string, readonly Edge[]>()
  const importers = new Map<string, Set<string>>()
  for (const path of tree.facts.keys()) connect({ path, tree, resolver, edges, importers })
  return {
    root: tree.root,
    facts: tree.facts,
    packages: found.packages,
    packageByName: found.byName,
    deadPatterns: found.deadPatterns,
    packageOf: found.packageOf,
    edgesOf: (path) => edges.get(path) ?? [],
    importersOf: (path) => importers.get(path) ?? nobody,
    entryOf: (node) => resolver.entryOf(node),
    isEntry: (path) => resolver.isEntry(path),
    textOf: (path) => tree.textOf(path),
    update: (change) => {
      for (const path of change.changed) {
        for (const edge of edges.get(path) ?? []) if (edge.target.kind === 'file') importers.get(edge.target.path)?.delete(path)
        connect({ path, tree, resolver, edges, importers })
      }
    },
  }
}

const nobody: ReadonlySet<string> = new Set()

interface Connection {
  readonly path: string
  readonly tree: FactTree
  readonly resolver: Resolver
  readonly edges: Map<string, readonly Edge[]>
  readonly importers: Map<string, Set<string>>
}

function connect({ path, tree, resolver, edges, importers }: Connection): void {
  const imports = tree.facts.get(path)?.imports ?? []
  if (imports.length === 0) return void edges.delete(path)
  const own = imports.map((fact) => ({ from: path, fact, target: resolver.resolve(path, fact.from) }))
  edges.set(path, own)
  for (const { target } of own) {
    if (target.kind !== 'file') continue
    const known = importers.get(target.path)
    if (known === undefined) importers.set(target.path, new Set([path]))
    else known.add(path)
  }
}
