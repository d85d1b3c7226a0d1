/** As many as a person would still read in one line. */
const mostGlobs = 64

/**
 * Globs that say the same without a comma, for programs that read a list of globs as one line with commas between: braces become one glob
 * for each alternative. Null where a comma is left, or where there would be too many.
 */
export function commaFreeGlobs(globs: readonly string[]): string[] | null {
  const all: string[] = []
  for (const glob of globs) {
    const ways = glob.includes(',') ? waysOf(glob) : [glob]
    if (ways === null || all.length + ways.length > mostGlobs) return null
    all.push(...ways)
  }
  const unique = [...new Set(all)]
  return unique.some((glob) => glob.includes(',')) ? null : unique
}

/** Null for a glob with a brace, a parenthesis or a class that is never closed: what its commas part cannot be told. */
function waysOf(glob: string): string[] | null {
  let ways = ['']
  for (let at = 0; at < glob.length;) {
    const sign = glob[at] ?? ''
    const end = '{([\\'.includes(sign) ? endOf(glob, at) : at
    if (end === -1) return null
    const piece = glob.slice(at, end + 1)
    const next = sign === '{' ? alternativesOf(piece) : [piece]
    if (next === null || ways.length * next.length > mostGlobs) return null
    ways = ways.flatMap((way) => next.map((one) => way + one))
    at = end + 1
  }
  return ways
}

/** Braces without a comma of their own stay as they are: a range, or signs of a name. */
function alternativesOf(braces: string): string[] | null {
  const parts = splitAt(braces.slice(1, -1))
  if (parts === null) return null
  if (parts.length === 1) return waysOf(parts[0] ?? '')?.map((way) => `{${way}}`) ?? null
  const ways = parts.map(waysOf)
  return ways.includes(null) ? null : ways.flatMap((way) => way ?? [])
}

function splitAt(text: string): string[] | null {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === ',') {
      parts.push(text.slice(start, at))
      start = at + 1
    } else if ('{([\\'.includes(sign)) {
      const end = endOf(text, at)
      if (end === -1) return null
      at = end
    }
  }
  return [...parts, text.slice(start)]
}

/** Where a brace, a parenthesis, a class or an escape ends; -1 where it does not. */
function endOf(text: string, start: number): number {
  if (text[start] === '\\') return start + 1 < text.length ? start + 1 : -1
  if (text[start] === '[') {
    const found = /^\[[!^]?\]?[^\]]*\]/.exec(text.slice(start))
    return found === null ? -1 : start + found[0].length - 1
  }
  const close = text[start] === '{' ? '}' : ')'
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (sign === close) return at
    if (!'{([\\'.includes(sign)) continue
    const end = endOf(text, at)
    if (end === -1) return -1
    at = end
  }
  return -1
}
