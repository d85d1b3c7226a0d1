import { existsSync } from 'node:fs'
import { lstat, mkdir, realpath, rename } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { copyEntries } from './copy-entries.ts'
import { removeFolder } from './remove-folder.ts'

/** The folders of `cache:` while one tree is judged: they go from gate to gate. */
export interface KeptCaches {
  putIn(root: string): Promise<void>
  takeOut(root: string): Promise<void>
}

/**
 * What gates of a tree leave in the folders of `cache:` is found by the later gates of that tree; gates of other trees find what gates
 * of the last landed tree left. `kept` is of the tree that set-up made, `round` of this tree.
 */
export function openKeptCaches(
  folders: readonly string[],
  { kept, round }: { readonly kept: string; readonly round: string },
): KeptCaches {
  return {
    putIn: async (root) => {
      if (folders.length === 0) return
      if (!existsSync(round)) {
        await mkdir(round, { recursive: true })
        const known = folders.map(nameOf).filter((name) => existsSync(join(kept, name)))
        await copyEntries(kept, round, known)
      }
      for (const folder of folders) await move(join(round, nameOf(folder)), join(root, folder), root)
    },
    takeOut: async (root) => {
      for (const folder of folders) await move(join(root, folder), join(round, nameOf(folder)), root)
    },
  }
}

/** The tree is on the landing branch by now: later trees begin with what its gates left. */
export async function keepCaches({ kept, round }: { readonly kept: string; readonly round: string }): Promise<void> {
  if (!existsSync(round)) return
  await removeFolder(kept)
  await mkdir(dirname(kept), { recursive: true })
  await rename(round, kept)
}

function nameOf(folder: string): string {
  return folder.replaceAll('%', '%25').replaceAll('/', '%2F')
}

/** Only folders, and only where no link on the way leads out of the tree: a gate may have made links. */
async function move(from: string, to: string, root: string): Promise<void> {
  const kind = await lstat(from).catch(() => null)
  if (kind === null || !kind.isDirectory()) return
  if (!(await isInside(dirname(from), root)) && from.startsWith(root)) return
  if (to.startsWith(root)) {
    await mkdir(await nearestInside(dirname(to), root), { recursive: true })
    if (!(await isInside(dirname(to), root))) return
  }
  await removeFolder(join(dirname(to), basename(to)))
  await rename(from, to)
}

async function isInside(path: string, root: string): Promise<boolean> {
  const real = await realpath(path).catch(() => null)
  return real !== null && !relative(await realpath(root), real).startsWith('..')
}

/** The folder itself where its existing part lies inside; else the root, which makes nothing. */
async function nearestInside(path: string, root: string): Promise<string> {
  let existing = path
  while (!existsSync(existing)) existing = dirname(existing)
  return (await isInside(existing, root)) ? path : root
}
