import { z } from 'zod'

export const WorkspaceManifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  description: z.string().default(''),
  license: z.string().default('MIT'),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
})
export type WorkspaceManifest = z.infer<typeof WorkspaceManifest>

export interface PublishedManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly type: 'module'
  readonly engines: { readonly node: string }
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>
}

export interface ManifestSource {
  /** Package name of the app. */
  readonly app: string
  readonly manifests: readonly WorkspaceManifest[]
  /** Exact versions by package name. */
  readonly catalog: Readonly<Record<string, string>>
  /** By name below the package, in `dist`: the program of the user's that each is for. */
  readonly doors: Readonly<Record<string, { readonly peer: string }>>
}

/** What npm needs to know of the bundled app: the third-party packages of every room it reaches, at the workspace's versions. */
export function publishedManifest({ app, manifests, catalog, doors }: ManifestSource): PublishedManifest {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  const rooms = reachedRooms(app, manifests)
  const [own] = rooms
  const peers = [...new Set(Object.values(doors).map(({ peer }) => peer))].toSorted()
  const collect = (field: 'dependencies' | 'optionalDependencies'): Record<string, string> =>
    Object.fromEntries(
      [...new Set(rooms.flatMap((room) => Object.keys(room[field])))]
        .filter((name) => !byName.has(name))
        .toSorted()
        .map((name) => [name, versionOf(name, catalog)]),
    )
  return {
    name: own.name,
    version: own.version,
    description: own.description,
    license: own.license,
    type: 'module',
    engines: { node: '>=22.13' },
    bin: { cox: 'dist/main.js' },
    exports: exportsOf(Object.keys(doors)),
    files: ['dist', 'docs', 'README.md', 'LICENSE'],
    dependencies: collect('dependencies'),
    optionalDependencies: collect('optionalDependencies'),
    // The one we test with, or a later one that promises the same.
    peerDependencies: Object.fromEntries(peers.map((name) => [name, `^${versionOf(name, catalog)}`])),
    peerDependenciesMeta: Object.fromEntries(peers.map((name) => [name, { optional: true }])),
  }
}

function exportsOf(doors: readonly string[]): PublishedManifest['exports'] {
  const files = doors.map((name) => [`./${name}`, { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }] as const)
  return { ...Object.fromEntries(files), './package.json': './package.json' }
}

/** The app first, then every workspace package that it depends on, however far. */
export function reachedRooms(
  app: string,
  manifests: readonly WorkspaceManifest[],
): readonly [WorkspaceManifest, ...WorkspaceManifest[]] {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  const own = byName.get(app)
  if (own === undefined) throw new Error(`no workspace package is named ${app}`)
  const seen = new Set([own])
  for (const room of seen) {
    for (const name of Object.keys(room.dependencies)) {
      const next = byName.get(name)
      if (next !== undefined) seen.add(next)
    }
  }
  const [, ...others] = seen
  return [own, ...others]
}

function versionOf(name: string, catalog: Readonly<Record<string, string>>): string {
  const version = catalog[name]
  if (version === undefined) throw new Error(`${name} has no version in the catalog of pnpm-workspace.yaml`)
  return version
}
