import { lstatSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readText, splitFrontMatter } from '@coxswain/constraints'
import { instructionFiles, type InstructionFile } from './instruction-files.ts'
import { readInstructions, type Instructions } from './read-statements.ts'

export interface InstructionDocument {
  readonly file: InstructionFile
  readonly text: string
  /** YAML of its front matter. */
  readonly front: string | null
  readonly instructions: Instructions
}

/** The instruction files of a tree. A file is read once, by its own name before those of links, and so is a copy beside it for another program. */
export async function readDocuments(root: string, files: readonly string[]): Promise<InstructionDocument[]> {
  const seen = new Set<string>()
  const documents: InstructionDocument[] = []
  const named = instructionFiles(files).toSorted((a, b) => Number(isLink(root, a.path)) - Number(isLink(root, b.path)))
  for (const file of named) {
    const read = await readText(join(root, file.path))
    if (read?.kind !== 'text' || read.text.trim() === '') continue
    const names = [await realpath(join(root, file.path)), `${dirname(file.path)}\n${read.text}`]
    if (names.some((name) => seen.has(name))) continue
    for (const name of names) seen.add(name)
    const split = splitFrontMatter(read.text)
    const instructions = readInstructions({ file: file.path, text: split.body, firstLine: split.bodyLine })
    documents.push({ file, text: read.text, front: split.yaml, instructions })
  }
  return documents
}

export function isLink(root: string, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
