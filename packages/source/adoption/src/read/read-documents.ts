import { join } from 'node:path'
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

/** The instruction files of a tree. A file that repeats another one whole, as links do, is read once. */
export async function readDocuments(root: string, files: readonly string[]): Promise<InstructionDocument[]> {
  const seen = new Set<string>()
  const documents: InstructionDocument[] = []
  for (const file of instructionFiles(files)) {
    const read = await readText(join(root, file.path))
    if (read?.kind !== 'text' || read.text.trim() === '' || seen.has(read.text)) continue
    seen.add(read.text)
    const split = splitFrontMatter(read.text)
    const instructions = readInstructions({ file: file.path, text: split.body, firstLine: split.bodyLine })
    documents.push({ file, text: read.text, front: split.yaml, instructions })
  }
  return documents
}
