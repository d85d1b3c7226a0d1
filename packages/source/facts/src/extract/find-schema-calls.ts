import { lastBefore } from './span-index.ts'

export interface SchemaCalls {
  /** Whether a value is handed to a schema between two offsets. */
  isBetween(start: number, end: number): boolean
  /** Whether a name is declared `unknown` between two offsets. */
  isUnknownBetween(name: string, start: number, end: number): boolean
}

/** Where a text parses what came from outside. Found once for the whole text: the surroundings of places overlap. */
export function findSchemaCalls(text: string): SchemaCalls {
  let calls: Place[] | undefined
  let unknowns: Map<string, Place[]> | undefined
  return {
    isBetween: (start, end) => isAnyWithin((calls ??= findCalls(text)), start, end),
    isUnknownBetween: (name, start, end) => isAnyWithin((unknowns ??= findUnknowns(text)).get(name) ?? [], start, end),
  }
}

interface Place {
  readonly start: number
  readonly end: number
}

function isAnyWithin(sorted: readonly Place[], start: number, end: number): boolean {
  return (sorted[lastBefore(sorted, start - 1) + 1]?.end ?? Infinity) <= end
}

function findCalls(text: string): Place[] {
  return [...text.matchAll(shape)]
    .filter((match) => !match[0].startsWith('.') || isSchema(text.slice(Math.max(0, match.index - 64), match.index)))
    .map((match) => ({ start: match.index - (match[0].startsWith('.') ? 1 : 0), end: match.index + match[0].length }))
}

const shape = /\.(?:safeP|p)arse(?:Async)?\(|\b(?:parse|decode|validate|assert)[A-Z]\w*\(/g

function isSchema(before: string): boolean {
  return /[\w$][)\]]*(?:\(\))?$/.test(before) && !/(?:^|[^\w$)\]])JSON$/.test(before)
}

function findUnknowns(text: string): Map<string, Place[]> {
  const found = new Map<string, Place[]>()
  for (const match of text.matchAll(/\blet ([\w$]+)\s*:\s*unknown\b/g)) {
    const [whole, name = ''] = match
    const place = { start: match.index, end: match.index + whole.length }
    const known = found.get(name)
    if (known === undefined) found.set(name, [place])
    else known.push(place)
  }
  return found
}
