/**
 * Lazy trees of this version do not visit the types of variables, of rest and `this` parameters, of caught errors and after `extends`.
 * Only where `any` or `unknown` could stand in one of them is the whole tree worth its price. From each such word the text is looked
 * at backwards: forwards from each place where a type may begin would be twice the work.
 */
export function hasBlindSpot(text: string): boolean {
  let last = -1
  word.lastIndex = 0
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    last = match.index
    if (unseenType.test(text.slice(typeStart(text, match.index), match.index))) return true
    const block = text.lastIndexOf('{', match.index - 1) + 1
    if (/\bextends\b/.test(text.slice(block, match.index))) return true
  }
  return last !== -1 && hasStructuredVariable(text, last)
}

const word = /\b(?:any|unknown)\b/g
const unseenType = /(?:\b(?:const|let|var|using)\s+(?:[\w$]+|[{[][^=;]*)!?|\bcatch\s*\([^):]*|\.\.\.\s*[\w$[{}\], ]+|\bthis)\s*:/

/** A variable whose declared type opens a bracket before the last such word. There are fewer of those brackets than of variables. */
function hasStructuredVariable(text: string, last: number): boolean {
  structure.lastIndex = 0
  for (let match = structure.exec(text); match !== null && match.index < last; match = structure.exec(text))
    if (variable.test(text.slice(Math.max(0, match.index - longestVariable), match.index))) return true
  return false
}

const structure = /:\s*[{(]/g
const variable = /\b(?:const|let|var)\s+[\w$]+\s*$/
const longestVariable = 200

/** A type ends at `;` and at `=`, but not at `=>`. */
function typeStart(text: string, end: number): number {
  for (let at = end; at > 0; at--) {
    const code = text.charCodeAt(at - 1)
    if (code === semicolon || (code === equals && text.charCodeAt(at) !== greater)) return at
  }
  return 0
}

const [semicolon, equals, greater] = [59, 61, 62]
