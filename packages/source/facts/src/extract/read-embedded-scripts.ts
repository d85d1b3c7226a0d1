import type { ImportFact } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'

/** Imports inside Vue, Svelte and Astro files. Such files are left alone otherwise, but what they import is in use. */
export function readEmbeddedScripts(text: string, lines: LineTable): ImportFact[] {
  return [...text.matchAll(importShape)].map((match) => {
    const quoted = match[1] ?? match[2] ?? ''
    const start = match.index + match[0].lastIndexOf(quoted)
    return {
      from: quoted.slice(1, -1),
      line: lines.lineAt(start),
      column: lines.columnAt(start),
      start,
      end: start + quoted.length,
      form: 'import',
      names: ['*'],
      isType: false,
    }
  })
}

const importShape = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*('[^'\n]+'|"[^"\n]+")|\bimport\s*\(?\s*('[^'\n]+'|"[^"\n]+")/g
