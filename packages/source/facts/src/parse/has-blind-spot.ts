/**
 * Lazy trees of this version do not visit the types of variables, of rest and `this` parameters, of caught errors and after `extends`.
 * Only where `any` or `unknown` could stand in one of them is the whole tree worth its price. From each such word the text is looked
 * at backwards: forwards from each place where a type may begin would be twice the work. Where more than a bounded look would be
 * needed the answer is yes: a whole tree is slower and never wrong.
 */
export function hasBlindSpot(text: string): boolean {
  let [last, previous] = [-1, 0]
  const seen: Seen = { typeStart: 0, block: 0 }
  let left = text.length * passes + longestLook
  word.lastIndex = 0
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    last = match.index
    advance(seen, text, { from: previous, to: last })
    previous = last
    const looks = [text.slice(seen.typeStart, last), text.slice(seen.block, last)] as const
    left -= looks[0].length + looks[1].length
    if (left < 0) return true
    if (unseenType.test(looks[0]) || /\bextends\b/.test(looks[1])) return true
  }
  return last !== -1 && hasStructuredVariable(text, last)
}

const word = /\b(?:any|unknown)\b/g
const unseenType = /(?:\b(?:const|let|var|using)\s+(?:[\w$]+|[{[][^=;]*)!?|\bcatch\s*\([^):]*|\.\.\.\s*[\w$[{}\], ]+|\bthis)\s*:/

/** How often the text may be looked at as a whole. */
const passes = 12
const longestLook = 200_000

interface Seen {
  /** A type ends at `;` and at `=`, but not at `=>`. */
  typeStart: number
  /** Behind the last `{`. */
  block: number
}

function advance(seen: Seen, text: string, { from, to }: { readonly from: number; readonly to: number }): void {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === brace) seen.block = at + 1
    else if (code === semicolon || (code === equals && text.charCodeAt(at + 1) !== greater)) seen.typeStart = at + 1
  }
}

const [semicolon, equals, greater, brace] = [59, 61, 62, 123]

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
