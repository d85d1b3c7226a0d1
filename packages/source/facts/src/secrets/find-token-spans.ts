export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The parts of a text that could hold a credential: around long unbroken runs with a digit in them, and key blocks.
 * Running two hundred patterns over whole files would cost more than everything else in a check together. No part is longer than
 * `longestToken` and what may stand around it, and parts of one kind do not overlap: all of them together grow as the text does.
 */
export function findTokenSpans(text: string): Span[] {
  const spans: Span[] = []
  let coveredUntil = 0
  digitInToken.lastIndex = 0
  for (let match = digitInToken.exec(text); match !== null; match = digitInToken.exec(text)) {
    let end = match.index
    while (end < text.length && isTokenCode(text.charCodeAt(end))) end++
    let start = match.index
    while (start > coveredUntil && isTokenCode(text.charCodeAt(start - 1))) start--
    digitInToken.lastIndex = Math.max(end, digitInToken.lastIndex)
    if (end - start < shortestToken) continue
    spans.push(...partsOf({ start, end }, Math.max(coveredUntil, lineStart(text, start)), text.length))
    coveredUntil = Math.min(text.length, end + tail)
    digitInToken.lastIndex = Math.max(coveredUntil, digitInToken.lastIndex)
  }
  return [...spans, ...markedTokens(text, spans), ...keyBlocks(text)]
}

/** A run longer than any credential is data, such as a picture: a credential at its beginning or end is still seen. */
function partsOf(run: Span, from: number, length: number): Span[] {
  const until = Math.min(length, run.end + tail)
  if (run.end - run.start <= longestToken) return [{ start: from, end: until }]
  return [
    { start: from, end: run.start + longestToken / 2 },
    { start: run.end - longestToken / 2, end: until },
  ]
}

const digitInToken = /\d[A-Za-z0-9_\-+/=]{3}/g
const shortestToken = 16
/** Tokens with claims in them are of some kilobytes. */
const longestToken = 8_192
const reach = 160
const tail = 8
const keyMark = 'PRIVATE KEY'

/** Tokens short enough, or of so few letters, that now and then one has no digit: one in thirty access keys of AWS. */
const tokenMarks = ['AKIA', 'ASIA', 'ghp_', 'gho_', 'ghs_']
const longestMarked = 256

function markedTokens(text: string, known: readonly Span[]): Span[] {
  const spans: Span[] = []
  for (const mark of tokenMarks) {
    let [next, coveredUntil] = [0, 0]
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
      while ((known[next]?.end ?? Infinity) <= at) next++
      if ((known[next]?.start ?? Infinity) <= at || at < coveredUntil) continue
      let end = at
      while (end < text.length && end - at < longestMarked && isTokenCode(text.charCodeAt(end))) end++
      if (end - at < shortestToken) continue
      coveredUntil = Math.min(text.length, end + tail)
      spans.push({ start: lineStart(text, at), end: coveredUntil })
    }
  }
  return spans
}

const longestKey = 8_000

function keyBlocks(text: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(keyMark); at !== -1;) {
    const end = Math.min(text.length, at + longestKey)
    spans.push({ start: Math.max(0, at - 40), end })
    at = text.indexOf(keyMark, end)
  }
  return spans
}

/** Where the line begins, as far as what stands before a token matters: a line may have a megabyte. */
function lineStart(text: string, at: number): number {
  const from = Math.max(0, at - reach)
  return from + text.slice(from, at).lastIndexOf('\n') + 1
}

/** Letters, digits and the punctuation inside tokens: `+ - . / = _`. */
function isTokenCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 45 && code <= 57) ||
    code === 95 ||
    code === 61 ||
    code === 43
  )
}
