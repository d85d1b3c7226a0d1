import { join } from 'node:path'
import { listTree, readText } from '@coxswain/constraints'
import { readCargo, readGo, readUv } from './other-languages.ts'
import { readNodeProject } from './node-project.ts'
import { readJust, readMake } from './task-files.ts'
import { gateNames, type ProposedGate, type Toolchain, type Tree } from './toolchain.ts'

/** Reads manifests and lockfiles, runs nothing. Of several that say how to test, the one that is closest to the language wins. */
export async function proposeToolchain(root: string, signal?: AbortSignal): Promise<Toolchain> {
  const tree = await openTree(root, signal)
  const found: Toolchain[] = []
  for (const read of [readNodeProject, readCargo, readGo, readUv, readMake, readJust]) found.push(await read(tree))
  return combine(found)
}

async function openTree(root: string, signal?: AbortSignal): Promise<Tree> {
  const paths = await listTree(root, signal)
  const known = new Set(paths)
  return {
    paths,
    has: (path) => known.has(path),
    read: async (path) => {
      const read = known.has(path) ? await readText(join(root, path)) : null
      return read?.kind === 'text' ? read.text : null
    },
  }
}

function combine(found: readonly Toolchain[]): Toolchain {
  const setups = found.flatMap(({ setup }) => setup ?? [])
  const [setup = null, ...others] = setups
  const gates = new Map<string, ProposedGate>()
  const notes = found.flatMap((one) => one.notes)
  for (const gate of found.flatMap((one) => one.gates)) {
    const taken = gates.get(gate.name)
    if (taken === undefined) gates.set(gate.name, gate)
    else notes.push(`${gate.from} has \`${gate.command.join(' ')}\` too: \`${taken.command.join(' ')}\` was taken`)
  }
  for (const other of others)
    notes.push(
      `${other.from} asks for \`${other.command.join(' ')}\` too: \`setup\` holds one command, such as a script that does both`,
    )
  return { setup, gates: gateNames.flatMap((name) => gates.get(name) ?? []), notes }
}
