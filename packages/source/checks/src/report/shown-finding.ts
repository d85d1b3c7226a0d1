import type { Finding } from '../finding.ts'

/** A finding as a line shows it: names come from the repository, and none of them may end the line or speak to the terminal. */
export function shownFinding(finding: Finding): Finding {
  const file = shownName(finding.file)
  const withoutName = (text: string): string => (file === finding.file ? text : text.replaceAll(finding.file, file))
  return {
    ...finding,
    file,
    what: shownName(withoutName(finding.what)),
    // A way out may be some lines of code.
    fix: finding.fix.map((way) => withoutName(way).replace(/[^\P{Cc}\n\t]/gu, escaped)),
  }
}

/** Also of words around names, as long as they are one line. */
export function shownName(name: string): string {
  return name.replace(/\p{Cc}/gu, escaped)
}

function escaped(character: string): string {
  return JSON.stringify(character)
    .slice(1, -1)
    .replace(/^[\x7f-\x9f]$/, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
}
