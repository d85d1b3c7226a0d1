export interface SplitDocument {
  /** YAML between the fences, or null when the file has no front matter. */
  readonly yaml: string | null
  /** The file's line of the first YAML line, from 1. */
  readonly yamlLine: number
  readonly body: string
  readonly bodyLine: number
  /** The opening fence was never closed. */
  readonly isUnclosed: boolean
}

/** Splits a Markdown file at its YAML fences; accepts CRLF and a byte-order mark. */
export function splitFrontMatter(text: string): SplitDocument {
  const start = text.startsWith('\uFEFF') ? 1 : 0
  const opening = /^---[ \t]*\r?\n/.exec(text.slice(start, start + 200))
  if (opening === null) return { yaml: null, yamlLine: 1, body: text.slice(start), bodyLine: 1, isUnclosed: false }
  const yamlStart = start + opening[0].length
  const closing = /^---[ \t]*(?:\r?\n|$)/gm
  closing.lastIndex = yamlStart
  const end = closing.exec(text)
  if (end === null) return { yaml: text.slice(yamlStart), yamlLine: 2, body: '', bodyLine: 1, isUnclosed: true }
  const yaml = text.slice(yamlStart, end.index)
  const body = text.slice(end.index + end[0].length)
  return { yaml, yamlLine: 2, body, bodyLine: countNewlines(text, end.index + end[0].length) + 1, isUnclosed: false }
}

function countNewlines(text: string, until: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
