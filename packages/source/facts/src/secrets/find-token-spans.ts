export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The parts of a text that could hold a credential: around long unbroken runs with a digit in them, and key blocks.
 * Running two hundred patterns over whole files would cost more than everything else in a check together.
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
    const span = { start: Math.max(coveredUntil, lineStart(text, start)), end: Math.min(text.length, end + 8) }
    spans.push(span)
    coveredUntil = span.end
    digitInToken.lastIndex = Math.max(span.end, digitInToken.lastIndex)
  }
  return [...spans, ...markedTokens(text), ...keyBlocks(text)]
}

const digitInToken = /\d[A-Za-z0-9_\-+/=]{3}/g
const shortestToken = 16
const reach = 160
const keyMark = 'PRIVATE KEY'

/** Tokens short enough, or of so few letters, that now and then one has no digit: one in thirty access keys of AWS. */
const tokenMarks = ['AKIA', 'ASIA', 'ghp_', 'gho_', 'ghs_']

function markedTokens(text: string): Span[] {
  const spans: Span[] = []
  for (const mark of tokenMarks) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
      let end = at
      while (end < text.length && isTokenCode(text.charCodeAt(end))) end++
      if (end - at >= shortestToken) spans.push({ start: lineStart(text, at), end: Math.min(text.length, end + 8) })
    }
  }
  return spans
}

function keyBlocks(text: string): Span[] {
  const at = text.indexOf(keyMark)
  return at === -1 ? [] : [{ start: Math.max(0, at - 40), end: Math.min(text.length, at + 8_000) }]
}

function lineStart(text: string, at: number): number {
  return Math.max(at - reach, text.lastIndexOf('\n', at) + 1)
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
