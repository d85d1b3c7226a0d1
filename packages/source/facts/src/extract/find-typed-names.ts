export interface TypedName {
  readonly kind: 'duration' | 'id-string'
  readonly name: string
  readonly at: number
  readonly typeAt: number
}

/** Names whose plain type loses what they are: `timeout: number`, `orderId: string`. */
export function findTypedNames(text: string): TypedName[] {
  const found: TypedName[] = []
  collect(text, { kind: 'duration', type: ': number', ending: '', shape: /timeout|delay|interval|duration|ttl|deadline/i }, found)
  collect(text, { kind: 'id-string', type: ': string', ending: 'Id', shape: /[a-z]Id$/ }, found)
  return found.toSorted((a, b) => a.at - b.at)
}

interface Search {
  readonly kind: TypedName['kind']
  readonly type: string
  /** Of every name that has the shape: seen before the name is cut out. */
  readonly ending: string
  readonly shape: RegExp
}

/** Searches for the type, which is one fixed text, and reads the name before it: the other way round every word would be tried. */
function collect(text: string, search: Search, found: TypedName[]): void {
  for (let at = text.indexOf(search.type); at !== -1; at = text.indexOf(search.type, at + 1)) {
    const end = text.charCodeAt(at - 1) === questionMark ? at - 1 : at
    if (!text.endsWith(search.ending, end)) continue
    let start = end
    while (start > 0 && isNameCode(text.charCodeAt(start - 1))) start--
    const name = text.slice(start, end)
    if (search.shape.test(name) && !isLocal.test(text.slice(Math.max(0, start - 8), start)))
      found.push({ kind: search.kind, name, at: start, typeAt: at + 2 })
  }
}

/** A local is used where it is declared, and a rest parameter is a list. */
const isLocal = /(?:\b(?:const|let|var)\s+|\.\.\.)$/

const questionMark = 63

function isNameCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 36
}
