import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What stands in a folder, by path from its top. */
export type Listing = ReadonlyMap<string, Entry>

/**
 * Kind, inode, change time, size and mode. The change time cannot be set back by a program that may not set the clock, so that equal
 * entries are equal files. Of a folder only kind and mode: its times change with what lies in it.
 */
export type Entry = z.infer<typeof Entry>
const Entry = z.tuple([z.enum(['file', 'folder', 'link', 'other']), z.number(), z.number(), z.number(), z.number()])

/** Durable form. */
export const StoredListing = z.object({ version: z.literal(1), entries: z.array(z.tuple([z.string(), Entry])) })

export interface Scan {
  readonly listing: Map<string, Entry>
  /** Regular files that another name leads to as well. */
  readonly shared: readonly string[]
  /** Where absolute links lead. */
  readonly absoluteTargets: readonly string[]
  /** What has no name in UTF-8, by its bytes: in none of the others, and not looked into. */
  readonly unnamed: readonly string[]
}

const entriesAtOnce = 2_000

/** Everything below a folder but its `.git`. Reads in slices, so that others get their turn. */
export async function scanFolder(root: string): Promise<Scan> {
  const listing = new Map<string, Entry>()
  const shared: string[] = []
  const absoluteTargets: string[] = []
  const unnamed: string[] = []
  const folders = ['']
  let sinceRest = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = readdirSync(join(root, folder), { encoding: 'buffer' })
    for (const bytes of entries) {
      const name = bytes.toString()
      const path = folder === '' ? name : `${folder}/${name}`
      if (path === '.git') continue
      if (name.includes('\uFFFD') && !Buffer.from(name).equals(bytes)) {
        unnamed.push(Buffer.from(path.slice(0, -name.length)).toString('latin1') + bytes.toString('latin1'))
        continue
      }
      const found = lstatSync(join(root, path), { throwIfNoEntry: false })
      if (found === undefined) continue
      const isFolder = found.isDirectory()
      const kind = isFolder ? 'folder' : found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : 'other'
      listing.set(path, isFolder ? [kind, 0, 0, 0, found.mode] : [kind, found.ino, found.ctimeMs, found.size, found.mode])
      if (isFolder) folders.push(path)
      else if (kind === 'file' && found.nlink > 1) shared.push(path)
      else if (kind === 'link') absoluteTargets.push(...[readlinkSync(join(root, path))].filter((to) => to.startsWith('/')))
    }
    sinceRest += entries.length
    if (sinceRest < entriesAtOnce) continue
    sinceRest = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { listing, shared, absoluteTargets, unnamed }
}

export function isSameEntry(left: Entry, right: Entry): boolean {
  return left.every((value, at) => value === right[at])
}
