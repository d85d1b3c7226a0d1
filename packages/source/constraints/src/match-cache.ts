import { readFileSync } from 'node:fs'
import { atomicWrite } from '@coxswain/host'
import { z } from 'zod'

const matches = z.array(z.tuple([z.number(), z.number(), z.number(), z.string()])).readonly()
const row = z.tuple([z.string(), z.string(), z.string(), z.string(), matches])
const stored = z.object({ version: z.literal(1), files: z.array(row) })

/** What patterns found in one content. */
export interface KnownFile {
  /** Of the file on disk: equal means that its content need not be read. */
  readonly identity: string
  readonly content: string
  /** Which patterns looked. */
  readonly set: string
  /** Place of the pattern in its set, line, column, text. */
  readonly matches: readonly (readonly [at: number, line: number, column: number, text: string])[]
}

/** Matches by file, content and set of patterns; may be deleted at any time. */
export interface MatchCache {
  get(file: string): KnownFile | undefined
  set(file: string, known: KnownFile): void
  /** Writes what is new; a disk that refuses costs time and nothing else. */
  save(): Promise<void>
}

const mostFiles = 200_000

export function openMatchCache(path: string): MatchCache {
  const files = new Map<string, KnownFile>(
    readStored(path).map(([file, identity, content, set, found]) => [file, { identity, content, set, matches: found }]),
  )
  let isChanged = false
  return {
    get: (file) => files.get(file),
    set: (file, known) => {
      files.set(file, known)
      isChanged = true
    },
    save: async () => {
      if (!isChanged) return
      isChanged = false
      const rows = [...files].slice(-mostFiles).map(([file, one]) => [file, one.identity, one.content, one.set, one.matches])
      await atomicWrite(path, JSON.stringify({ version: 1, files: rows })).catch(() => null)
    },
  }
}

function readStored(path: string): z.infer<typeof row>[] {
  try {
    return stored.parse(JSON.parse(readFileSync(path, 'utf8'))).files
  } catch {
    return [] // absent, of another version, or damaged: nothing is known
  }
}
