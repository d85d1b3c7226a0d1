import { errorAt, type Problem } from '@coxswain/constraints'
import { z } from 'zod'
import type { FileState } from './file-state.ts'
import { parseJson } from './parse-json.ts'

/** What we wrote beside blocks, so that exactly that can be taken away again. */
export interface Manifest {
  /** Files that are ours whole, with the checksum of what we wrote: a file that differs was edited by hand. */
  readonly files: ReadonlyMap<string, string>
  /** Settings files with the pieces we put in. */
  readonly inserts: ReadonlyMap<string, RecordedInserts>
}

export interface RecordedInserts {
  /** The file was not there before. */
  readonly isCreated: boolean
  readonly segments: readonly string[]
}

export const manifestFile = 'harness/generated/manifest.json'

const ManifestSchema = z.object({
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{10}$/)),
  inserts: z.record(z.string(), z.object({ isCreated: z.boolean(), segments: z.array(z.string().min(1)) })).default({}),
})

const emptyManifest: Manifest = { files: new Map(), inserts: new Map() }

export function readManifest(state: FileState): { readonly manifest: Manifest; readonly problems: readonly Problem[] } {
  if (state.kind === 'missing') return { manifest: emptyManifest, problems: [] }
  const parsed = state.kind === 'text' ? ManifestSchema.safeParse(parseJson(state.text)) : null
  if (parsed?.success === true) return { manifest: readParsed(parsed.data), problems: [] }
  const message = `The record of generated files cannot be read${state.kind === 'refused' ? `: it ${state.message}` : ''}`
  return {
    manifest: emptyManifest,
    problems: [
      errorAt(
        { file: manifestFile, line: 1 },
        'MANIFEST_UNREADABLE',
        message,
        'Restore it from git, or delete it and compile again.',
      ),
    ],
  }
}

export function renderManifest({ files, inserts }: Manifest): string {
  const about = 'Files written by `cox compile`, with checksums. Do not edit.'
  const rows = { about, files: sorted(files), ...(inserts.size === 0 ? {} : { inserts: sorted(inserts) }) }
  return `${JSON.stringify(rows, null, 2)}\n`
}

function readParsed({ files, inserts }: z.infer<typeof ManifestSchema>): Manifest {
  return { files: new Map(Object.entries(files)), inserts: new Map(Object.entries(inserts)) }
}

function sorted<T>(rows: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
