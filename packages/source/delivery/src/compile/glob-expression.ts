/** Globs as one POSIX extended regular expression over paths, for readers without a glob matcher; null where one of them says more than that can. */
export function globExpression(globs: readonly string[]): string | null {
  const parts = globs.map(translate)
  if (parts.length === 0 || parts.some((part) => part === null)) return null
  return `^(${parts.join('|')})$`
}

/** `!(…)`, `[[:alpha:]]`, `{1..3}` and their like are left to real matchers. */
const beyond = /^!|[()|]|\[\[|\\|\.\./

function translate(glob: string): string | null {
  const text = glob.replace(/^\.\//, '')
  if (beyond.test(text) || text.includes('\n')) return null
  let [result, open] = ['', 0]
  for (let at = 0; at < text.length;) {
    const piece = pieceAt(text, at, open)
    if (piece === null) return null
    open += piece.opens
    result += piece.expression
    at += piece.length
  }
  return open === 0 ? result : null
}

interface ExpressionPiece {
  readonly length: number
  readonly expression: string
  readonly opens: number
}

function pieceAt(text: string, at: number, open: number): ExpressionPiece | null {
  const isStart = at === 0 || text[at - 1] === '/'
  const stars = /^\*+/.exec(text.slice(at))?.[0].length ?? 0
  const whole = isStart && stars === 2
  if (whole && text[at + 2] === '/') return { length: 3, expression: '(.*/)?', opens: 0 }
  if (whole && at + 2 === text.length) return { length: 2, expression: '.*', opens: 0 }
  if (stars > 0) return { length: stars, expression: '[^/]*', opens: 0 }
  const sign = text[at] ?? ''
  if (sign === '?') return { length: 1, expression: '[^/]', opens: 0 }
  if (sign === '[') return classAt(text, at)
  if (sign === '{') return { length: 1, expression: '(', opens: 1 }
  if (sign === '}' && open > 0) return { length: 1, expression: ')', opens: -1 }
  if (sign === ',' && open > 0) return { length: 1, expression: '|', opens: 0 }
  return { length: 1, expression: /[.+^${}\]]/.test(sign) ? `\\${sign}` : sign, opens: 0 }
}

function classAt(text: string, at: number): ExpressionPiece | null {
  const found = /^\[(\^?)([\w.,@ -]+)\]/.exec(text.slice(at))
  if (found === null) return null
  return { length: found[0].length, expression: `[${found[1] === '' ? '' : '^/'}${found[2]}]`, opens: 0 }
}
