import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findProgram, isExecutableFile } from '@coxswain/host'

const triples: Readonly<Record<string, string>> = { x64: 'x86_64-unknown-linux-musl', arm64: 'aarch64-unknown-linux-musl' }

/** The bubblewrap that the package of codex brings along, where codex is on PATH. */
export async function findCodexBubblewrap(env: Readonly<Record<string, string>>): Promise<string | null> {
  const codex = await findProgram('codex', env)
  const triple = triples[process.arch]
  if (codex === null || triple === undefined) return null
  const program = await realpath(codex)
  const inPackage = join(`@openai/codex-linux-${process.arch}`, 'vendor', triple, 'codex-resources/bwrap')
  // `<package>/bin/codex.js` with the platform's package inside of or beside its own; or the program of that package itself.
  const folder = dirname(dirname(program))
  const places = [
    join(folder, 'node_modules', inPackage),
    join(dirname(dirname(folder)), inPackage),
    join(folder, 'codex-resources/bwrap'),
  ]
  for (const place of places) if (await isExecutableFile(place)) return place
  return null
}
