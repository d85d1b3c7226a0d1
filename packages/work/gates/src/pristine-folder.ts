import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite } from '@coxswain/host'
import { z } from 'zod'
import { StoredListing, type Listing } from './listing.ts'

/** Written last: a folder without it counts for nothing. */
const Ready = z.object({
  version: z.literal(1),
  key: z.string(),
  commit: z.string(),
  /** Where git keeps HEAD and index of the tree. */
  admin: z.string(),
  /** No file of set-up names the folder in which it was made, so that a copy works elsewhere. */
  isRelocatable: z.boolean(),
  /** What a person should know of this set-up. */
  notes: z.array(z.string()),
})
export type Ready = z.infer<typeof Ready>

/** One tree that is set up, with what is known of it: `tree`, `saved`, `list.json`, `index`, `ready.json`, `holders/`, `caches/`. */
export interface PristineFolder {
  readonly folder: string
  readonly tree: string
  /** A second copy of what set-up made, where the tree itself is worked in. */
  readonly saved: string
  readonly holders: string
  readonly caches: string
  readonly list: string
  /** git's index as it was when the tree was ready. */
  readonly index: string
}

export function pristineFolder(folder: string): PristineFolder {
  return {
    folder,
    tree: join(folder, 'tree'),
    saved: join(folder, 'saved'),
    holders: join(folder, 'holders'),
    caches: join(folder, 'caches'),
    list: join(folder, 'list.json'),
    index: join(folder, 'index'),
  }
}

/** Null where the set-up never came to its end, or was of another version. */
export async function readReady({ folder }: Pick<PristineFolder, 'folder'>): Promise<Ready | null> {
  return parsed(Ready, await readFile(readyFile(folder), 'utf8').catch(() => ''))
}

export async function writeReady({ folder }: Pick<PristineFolder, 'folder'>, ready: Ready): Promise<void> {
  await atomicWrite(readyFile(folder), JSON.stringify(ready))
}

/** What was used last is removed last. */
export async function touchReady({ folder }: Pick<PristineFolder, 'folder'>, atMs: number): Promise<void> {
  await utimes(readyFile(folder), atMs / 1000, atMs / 1000).catch(() => {}) // it is being removed
}

export function readyFile(folder: string): string {
  return join(folder, 'ready.json')
}

export async function readListing(file: string): Promise<Listing | null> {
  const stored = parsed(StoredListing, await readFile(file, 'utf8').catch(() => ''))
  return stored === null ? null : new Map(stored.entries)
}

export async function writeListing(file: string, listing: Listing): Promise<void> {
  await atomicWrite(file, JSON.stringify({ version: 1, entries: [...listing] }))
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
