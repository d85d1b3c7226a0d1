import { expect, test } from 'vitest'
import { publishedManifest, WorkspaceManifest } from './published-manifest.ts'

const manifests = [
  {
    name: 'coxswain',
    version: '1.2.3',
    description: 'd',
    dependencies: { '@coxswain/daemon': 'workspace:*', stricli: 'catalog:' },
  },
  { name: '@coxswain/daemon', version: '0.1.0', dependencies: { '@coxswain/store': 'workspace:*', hono: 'catalog:' } },
  {
    name: '@coxswain/store',
    version: '0.1.0',
    dependencies: { '@coxswain/daemon': 'workspace:*' },
    optionalDependencies: { pg: 'catalog:' },
  },
  { name: '@coxswain/unreached', version: '0.1.0', dependencies: { react: 'catalog:' } },
].map((manifest) => WorkspaceManifest.parse(manifest))

test('the published manifest has the third-party packages of every room the app reaches', () => {
  expect(
    publishedManifest({
      app: 'coxswain',
      manifests,
      catalog: { stricli: '1.0.0', hono: '4.0.0', pg: '8.0.0', react: '19.0.0', runner: '5.1.1' },
      doors: { matchers: { peer: 'runner' } },
    }),
  ).toEqual({
    name: 'coxswain',
    version: '1.2.3',
    description: 'd',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=22.13' },
    bin: { cox: 'dist/main.js' },
    exports: {
      './matchers': { types: './dist/matchers.d.ts', default: './dist/matchers.js' },
      './package.json': './package.json',
    },
    files: ['dist', 'docs', 'README.md', 'LICENSE'],
    dependencies: { hono: '4.0.0', stricli: '1.0.0' },
    optionalDependencies: { pg: '8.0.0' },
    peerDependencies: { runner: '^5.1.1' },
    peerDependenciesMeta: { runner: { optional: true } },
  })
})

test('a package without a version in the catalog is refused by name', () => {
  const catalog = { stricli: '1.0.0', pg: '8.0.0' }
  expect(() => publishedManifest({ app: 'coxswain', manifests, catalog, doors: {} })).toThrow(
    'hono has no version in the catalog of pnpm-workspace.yaml',
  )
})
