import { lstatSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readText, splitFrontMatter } from '@coxswain/constraints'
import { findBlocks } from '@coxswain/delivery'
import { z } from 'zod'
import { findInstructions } from './configured-files.ts'
import type { InstructionFile } from './instruction-files.ts'
import { ruleScope, type RuleScope } from './rule-scope.ts'
import { readInstructions, type Instructions } from './read-statements.ts'

export interface InstructionDocument {
  readonly file: InstructionFile
  readonly text: string
  /** Where its words hold. */
  readonly scope: RuleScope
  /** Its words without the front matter. */
  readonly body: string
  readonly instructions: Instructions
}

/** The instruction files of a tree. A file is read once, by its own name before those of links, and so is a copy beside it for another program. */
export async function readDocuments(root: string, files: readonly string[]): Promise<InstructionDocument[]> {
  const seen = new Set<string>()
  const documents: InstructionDocument[] = []
  const ours = await generatedFiles(root)
  const written = files.filter((file) => !ours.has(file))
  const { files: all } = await findInstructions(root, written)
  const named = all.toSorted((a, b) => Number(isLink(root, a.path)) - Number(isLink(root, b.path)))
  for (const file of named) {
    const read = await readText(join(root, file.path))
    if (read?.kind !== 'text' || read.text.trim() === '') continue
    const names = [await realpath(join(root, file.path)), `${dirname(file.path)}\n${read.text}`]
    if (names.some((name) => seen.has(name))) continue
    for (const name of names) seen.add(name)
    const split = splitFrontMatter(read.text)
    const byHand = splitFrontMatter(withoutBlocks(file.path, read.text))
    const instructions = readInstructions({ file: file.path, text: byHand.body, firstLine: byHand.bodyLine })
    documents.push({ file, text: read.text, scope: ruleScope(file, split), body: split.body, instructions })
  }
  return documents
}

export function isLink(root: string, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

const Manifest = z.object({ files: z.record(z.string(), z.unknown()) })

/** What a compile wrote: its words come from constraints that are there already. */
async function generatedFiles(root: string): Promise<ReadonlySet<string>> {
  const read = await readText(join(root, 'harness/generated/manifest.json'))
  if (read?.kind !== 'text') return new Set()
  try {
    const manifest = Manifest.safeParse(JSON.parse(read.text))
    return new Set(manifest.success ? Object.keys(manifest.data.files) : [])
  } catch {
    return new Set() // the compile tells that its record cannot be read
  }
}

/** Generated blocks become empty lines, so that every other line keeps its number. */
function withoutBlocks(path: string, text: string): string {
  let left = text
  for (const { markerAt, end } of findBlocks({ path, text }).toReversed())
    left = `${left.slice(0, markerAt)}${left.slice(markerAt, end).replaceAll(/[^\n]+/g, '')}${left.slice(end)}`
  return left
}
