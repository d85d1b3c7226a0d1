import type { ImportFact } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'

/** Imports inside Vue, Svelte and Astro files. Such files are left alone otherwise, but what they import is in use. */
export function readEmbeddedScripts(text: string, lines: LineTable): ImportFact[] {
  const found: ImportFact[] = []
  // Whether a statement that may name a module has begun. One pass: the text between is not searched for each beginning.
  let isOpen = false
  for (const match of text.matchAll(pieces)) {
    const [piece, bare, named] = match
    const quoted = bare ?? (isOpen ? named : undefined)
    isOpen = piece === 'import' || piece === 'export'
    if (quoted === undefined) continue
    const start = match.index + piece.lastIndexOf(quoted)
    found.push({
      from: quoted.slice(1, -1),
      line: lines.lineAt(start),
      column: lines.columnAt(start),
      start,
      end: start + quoted.length,
      form: 'import',
      names: ['*'],
      isType: false,
    })
  }
  return found
}

const pieces = /\bimport\s*(?:\(\s*)?('[^'\n]+'|"[^"\n]+")|\b(?:import|export)\b|\bfrom\s*('[^'\n]+'|"[^"\n]+")|['"`;]/g
