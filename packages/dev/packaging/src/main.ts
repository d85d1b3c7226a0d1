import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildPackage } from './build-package.ts'

/** Builds the package and packs it: prints the tarball's path. */
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const { values } = parseArgs({ options: { out: { type: 'string' } } })
const out = resolve(values.out ?? join(root, 'packages/apps/cli/dist'))
const folder = join(out, 'package')
await buildPackage({ root, out: folder })
const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', out], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
if (packed.status !== 0) process.exit(packed.status ?? 1)
process.stdout.write(`${join(out, packed.stdout.trim())}\n`)
