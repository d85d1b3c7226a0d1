import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder } from './remove-folder.ts'

/** What a gate needs while it runs; its log and exit code stay. */
const needed = ['layer', 'home', 'git']

/** Removes what gates needed below their own folder. */
export async function clearStage(dir: string): Promise<void> {
  for (const name of needed) await removeFolder(join(dir, name))
}

/** After deaths of ours: below the folder of a run at rest, `<step>/gates-<tree>/<gate>` may hold layers of gates that are no more. */
export async function removeLeftovers(run: string): Promise<void> {
  for (const step of await foldersIn(run))
    for (const round of await foldersIn(step))
      if (round.includes('/gates-')) for (const gate of await foldersIn(round)) await clearStage(gate)
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
}
