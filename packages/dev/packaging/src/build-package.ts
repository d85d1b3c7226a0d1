import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { isolatedDeclarationSync } from 'rolldown/experimental'
import { parse } from 'yaml'
import { z } from 'zod'
import { publishedManifest, reachedRooms, WorkspaceManifest } from './published-manifest.ts'

export interface BuildOptions {
  /** Of the workspace. */
  readonly root: string
  /** Emptied first; becomes the package's folder. */
  readonly out: string
}

const app = 'coxswain'

interface Companions {
  readonly entries: Readonly<Record<string, string>>
  readonly assets?: readonly string[]
}

/** What code finds beside itself in `dist`, by the room that looks for it: programs it starts, files it reads. */
const companions: Readonly<Record<string, Companions>> = {
  [app]: { entries: { main: 'packages/apps/cli/src/main.ts', 'daemon-main': 'packages/apps/cli/src/daemon-main.ts' } },
  '@coxswain/checks': { entries: { 'first-look-main': 'packages/source/checks/src/watch/first-look-main.ts' } },
  '@coxswain/sandbox': {
    entries: {},
    assets: ['start-in-namespaces.pl', 'start-in-landlock.pl', 'forward-to-proxy.pl'].map(
      (name) => `packages/base/sandbox/src/${name}`,
    ),
  },
  '@coxswain/facts': {
    entries: {
      'extract-worker': 'packages/source/facts/src/tree/extract-worker.ts',
      'extract-apart-worker': 'packages/source/facts/src/tree/extract-apart-worker.ts',
    },
    assets: ['packages/source/facts/src/secrets/secret-rules.json'],
  },
}

/** What people import, by its name below the package. */
const doors = { vitest: { source: 'packages/source/checks/src/vitest.ts', peer: 'vitest' } }

/** Writes the publishable package: bundled rooms in `dist`, a generated manifest, README and licence. */
export async function buildPackage({ root, out }: BuildOptions): Promise<void> {
  const manifests = await readManifests(root)
  const manifest = publishedManifest({ app, manifests, catalog: await readCatalog(root), doors })
  const found = reachedRooms(app, manifests).flatMap(({ name }) => companions[name] ?? [])
  await rm(out, { recursive: true, force: true })
  await mkdir(join(out, 'dist'), { recursive: true })
  const sources = Object.fromEntries(Object.entries(doors).map(([name, door]) => [name, door.source]))
  await bundle(root, join(out, 'dist'), Object.assign(sources, ...found.map(({ entries }) => entries)))
  for (const [name, { source }] of Object.entries(doors))
    await writeFile(join(out, `dist/${name}.d.ts`), await declarationOf(join(root, source)))
  for (const asset of found.flatMap(({ assets = [] }) => assets))
    await copyFile(join(root, asset), join(out, 'dist', basename(asset)))
  await chmod(join(out, 'dist/main.js'), 0o755)
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await copyFile(join(root, 'LICENSE'), join(out, 'LICENSE'))
  // People who install it have no workspace around it.
  await copyFile(join(import.meta.dirname, '../published-readme.md'), join(out, 'README.md'))
  // `cox check --explain` prints them.
  await cp(join(root, 'docs/rules'), join(out, 'docs/rules'), { recursive: true })
}

/** A door's own types; one that named types of other files would need those declared too. */
async function declarationOf(path: string): Promise<string> {
  const { code, errors } = isolatedDeclarationSync(path, await readFile(path, 'utf8'))
  const [first] = errors
  if (first !== undefined) throw new Error(`${path} cannot be declared by itself: ${first.message}`)
  if (/from ['"]\./.test(code)) throw new Error(`${path} offers types of other files of ours, which are not published`)
  return code
}

async function readManifests(root: string): Promise<WorkspaceManifest[]> {
  const manifests: WorkspaceManifest[] = []
  for (const layer of await readdir(join(root, 'packages'))) {
    for (const room of await readdir(join(root, 'packages', layer))) {
      const text = await readFile(join(root, 'packages', layer, room, 'package.json'), 'utf8').catch(() => null)
      if (text !== null) manifests.push(WorkspaceManifest.parse(JSON.parse(text)))
    }
  }
  return manifests
}

async function readCatalog(root: string): Promise<Readonly<Record<string, string>>> {
  const workspace = z.looseObject({ catalog: z.record(z.string(), z.string()) })
  return workspace.parse(parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'))).catalog
}

/** What lowered `await using` calls; bundled, because it is a detail of how we compile. */
const loweringHelpers = '@oxc-project/runtime/'

async function bundle(root: string, dir: string, input: Record<string, string>): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    // Ours is bundled, everybody else's stays a dependency: npm shares, audits and updates it.
    external: (id) => /^(?:node:|[^./])/.test(id) && !id.startsWith('@coxswain/') && !id.startsWith(loweringHelpers),
    plugins: [
      {
        name: 'lowering-helpers',
        resolveId: (id) => (id.startsWith(loweringHelpers) ? fileURLToPath(import.meta.resolve(id)) : null),
      },
    ],
    transform: { target: 'node22' },
    logLevel: 'warn',
  })
  try {
    // All in one folder: code that starts `daemon-main.js` or reads an asset looks beside itself.
    await build.write({ dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' })
  } finally {
    await build.close()
  }
}
