import { errorAt, type Problem } from '@coxswain/constraints'
import { z } from 'zod'
import type { FileState } from './file-state.ts'

/** Which generated files are ours whole, with the checksum of what we wrote: a file that differs was edited by hand. */
export type Manifest = ReadonlyMap<string, string>

export const manifestFile = 'harness/generated/manifest.json'

const ManifestSchema = z.object({ files: z.record(z.string(), z.string().regex(/^[0-9a-f]{10}$/)) })

export function readManifest(state: FileState): { readonly manifest: Manifest; readonly problems: readonly Problem[] } {
  if (state.kind === 'missing') return { manifest: new Map(), problems: [] }
  const parsed = state.kind === 'text' ? ManifestSchema.safeParse(parseJson(state.text)) : null
  if (parsed?.success === true) return { manifest: new Map(Object.entries(parsed.data.files)), problems: [] }
  const message = `The record of generated files cannot be read${state.kind === 'refused' ? `: it ${state.message}` : ''}`
  return {
    manifest: new Map(),
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

export function renderManifest(manifest: Manifest): string {
  const files = Object.fromEntries([...manifest].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ about: 'Files written by `cox compile`, with checksums. Do not edit.', files }, null, 2)}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
