import {
  unpackGraph,
  type EarlierState,
  type FactTree,
  type FileFacts,
  type ImportFact,
  type ManifestFacts,
  type TreeChange,
  type UnpackedGraph,
} from '@coxswain/facts'
import { placeFiles, readPackages, type DeclaredPackages } from './find-packages.ts'
import { readPathAliases, type PathAliases } from './read-path-aliases.ts'
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
  /** Files of this repository that a file imports. */
  targetsOf(path: string): readonly string[]
  /**
   * Takes in edits of files that were there before and are still; anything else needs a new workspace.
   * The edges of an edited file must have been asked for before the edit.
   */
  update(change: TreeChange): void
  store(): StoredWorkspace
}

/** What follows from the list of files, manifests and configuration alone. */
export interface StoredWorkspace {
  readonly declared: DeclaredPackages
  readonly aliases: readonly PathAliases[]
  readonly started: readonly string[]
}

/** An earlier look whose change `canUpdate`, and what was stored of it. */
export interface KnownWorkspace {
  readonly earlier: EarlierState
  readonly stored: StoredWorkspace
}

/** Whether the graph can take the change in; otherwise it has to be built anew. */
export function canUpdate(change: TreeChange): boolean {
  return (
    change.added.length === 0 &&
    change.removed.length === 0 &&
    change.changed.every((path) => !/(?:^|\/)(?:package\.json|tsconfig[\w.-]*\.json|pnpm-workspace\.yaml)$/.test(path))
  )
}

/** With an earlier look, edges are resolved when somebody asks for them. */
export function createWorkspace(tree: FactTree, known: KnownWorkspace | null = null): OwnedWorkspace {
  const declared = known?.stored.declared ?? readPackages(tree)
  const aliases = known?.stored.aliases ?? readPathAliases(tree)
  const found = placeFiles(declared, tree.facts.keys())
  const resolver = createResolver({
    facts: tree.facts,
    packages: found.packages,
    packageOf: found.packageOf,
    aliases,
    ...(known && { started: known.stored.started }),
  })
  const changed = known?.earlier.change.changed
  const graph = known === null ? null : unpackGraph(known.earlier.snapshot, new Set(changed))
  const links: Links = { tree, resolver, graph, edges: new Map(), importers: graph?.importers ?? new Map() }
  if (changed === undefined) for (const [path] of tree.facts) connect(path, links)
  else for (const path of changed) connect(path, links)
  return {
    root: tree.root,
    facts: tree.facts,
    packages: found.packages,
    packageByName: found.byName,
    deadPatterns: found.deadPatterns,
    packageOf: found.packageOf,
    edgesOf: (path) => edgesOf(path, links),
    targetsOf: (path) => targetsOf(path, links),
    importersOf: (path) => links.importers.get(path) ?? nobody,
    entryOf: (node) => resolver.entryOf(node),
    isEntry: (path) => resolver.isEntry(path),
    textOf: (path) => tree.textOf(path),
    update: (change) => {
      for (const path of change.changed) {
        for (const target of targetsOf(path, links)) links.importers.get(target)?.delete(path)
        connect(path, links)
      }
    },
    store: () => ({ declared, aliases, started: [...resolver.started] }),
  }
}

const nobody: ReadonlySet<string> = new Set()

interface Links {
  readonly tree: FactTree
  readonly resolver: Resolver
  /** Of the earlier look: stands in for edges nobody has asked for yet. */
  readonly graph: UnpackedGraph | null
  readonly edges: Map<string, readonly Edge[]>
  readonly importers: Map<string, Set<string>>
}

const nothing: readonly Edge[] = []

function edgesOf(path: string, links: Links): readonly Edge[] {
  const known = links.edges.get(path)
  if (known !== undefined || links.graph === null) return known ?? nothing
  const own = resolveAll(path, links)
  links.edges.set(path, own)
  return own
}

function targetsOf(path: string, links: Links): readonly string[] {
  const known = links.edges.get(path)
  if (known === undefined) return links.graph?.targetsOf(path) ?? []
  return known.flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []))
}

function connect(path: string, links: Links): void {
  const own = resolveAll(path, links)
  if (own.length > 0 || links.graph !== null) links.edges.set(path, own)
  else links.edges.delete(path)
  for (const { target } of own) {
    if (target.kind !== 'file') continue
    const known = links.importers.get(target.path)
    if (known === undefined) links.importers.set(target.path, new Set([path]))
    else known.add(path)
  }
}

function resolveAll(path: string, { tree, resolver }: Links): readonly Edge[] {
  const imports = tree.facts.get(path)?.imports ?? []
  return imports.length === 0 ? nothing : imports.flatMap((fact) => toEdges(path, fact, resolver))
}

function toEdges(from: string, fact: ImportFact, resolver: Resolver): readonly Edge[] {
  if (fact.form !== 'mention') return resolver.resolve(from, fact.from).map((target) => ({ from, fact, target }))
  return resolver
    .filesNamed(from, fact.from)
    .map((path) => ({ from, fact, target: { kind: 'file', path, isDeep: false, byName: null } }))
}
