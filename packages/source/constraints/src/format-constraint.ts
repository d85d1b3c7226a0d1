import { CoxError } from '@coxswain/kernel'
import { isMap, isScalar, Lexer, parseDocument } from 'yaml'
import { FrontMatter } from './constraint.ts'
import { splitFrontMatter } from './split-front-matter.ts'

const keyOrder = Object.keys(FrontMatter.shape)

/** The canonical text: keys in order, comments kept, prose untouched. Formatting twice changes nothing. @throws CoxError FRONT_MATTER_MISSING */
export function formatConstraint(text: string): string {
  const split = splitFrontMatter(text)
  const document = split.yaml === null || split.isUnclosed ? null : parseDocument(split.yaml, { uniqueKeys: true })
  if (document === null || document.errors.length > 0 || !isMap(document.contents)) {
    throw new CoxError('FRONT_MATTER_MISSING', 'The file has no readable front matter', {
      hint: 'Run `cox constraint test` for the exact line.',
    })
  }
  document.contents.items.sort((a, b) => rank(a.key) - rank(b.key))
  const yaml = tightenLists(document.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: true }))
  const body = split.body.replaceAll('\r\n', '\n').replace(/^\n+/, '').trimEnd()
  return `---\n${yaml.replaceAll('\r\n', '\n').trimEnd()}\n---\n\n${body}\n`
}

/** `['a', 'b']` beside `{ a: b }`, as people write them; the library pads both or none. */
function tightenLists(yaml: string): string {
  const tokens = [...new Lexer().lex(yaml)]
  return tokens
    .filter((token, at) => !(token === ' ' && (tokens[at - 1] === '[' || tokens[at + 1] === ']')))
    .map((token) => (marks.has(token) ? '' : token))
    .join('')
}

/** What the lexer adds of its own: the start of a document, of a scalar, the end of a flow. */
const marks: ReadonlySet<string> = new Set(['\u0002', '\u001f', '\u0018'])

function rank(key: unknown): number {
  const index = isScalar(key) ? keyOrder.indexOf(String(key.value)) : -1
  return index === -1 ? keyOrder.length : index
}
