interface Limits {
  readonly deepest: number
  readonly longestChain: number
}

interface Level {
  /** Signs that the next one may stand inside of. */
  chain: number
  elses: number
}

/** Levels of brackets, or as many as a chain of signs without them counts for. Strings, comments and templates' text aside. */
export function measureNesting(text: string, { deepest, longestChain }: Limits): number {
  const levels: Level[] = [{ chain: 0, elses: 0 }]
  // Of each open template: how many levels there were before its current hole.
  const templates: number[] = []
  let found = 0
  let isAfterValue = false
  const open = (): void => void levels.push({ chain: 0, elses: 0 })
  for (let at = 0; at < text.length && found < deepest;) {
    const level = levels.at(-1) ?? { chain: 0, elses: 0 }
    const code = text.charCodeAt(at)
    const skipped = skip(text, at, code)
    if (skipped > at) {
      if (code === newline && isAfterValue && startsStatement(text, skipped)) level.chain = 0
      if (isQuote(code)) isAfterValue = true
      at = skipped
      continue
    }
    if (isWordCode(code)) {
      const end = endOfWord(text, at)
      const isOperator = end - at <= 10 && operators.has(text.slice(at, end))
      if (isOperator) level.chain++
      isAfterValue = !isOperator
      at = end
    } else if (code === backtick || (code === closeBrace && templates.at(-1) === levels.length)) {
      if (code === closeBrace) levels.pop()
      const hole = endOfTemplateText(text, at + 1)
      if (code === closeBrace) templates.pop()
      if (text.charCodeAt(hole - 1) === openBrace) {
        open()
        templates.push(levels.length)
      }
      isAfterValue = text.charCodeAt(hole - 1) === backtick
      at = hole
    } else {
      if (isOpening(code)) open()
      else if (isClosing(code) && levels.length > 1) levels.pop()
      else if (code === comma) level.chain = 0
      else if (isSign(code)) level.chain++
      at++
      if (code === semicolon || code === closeBrace) countElse(levels.at(-1) ?? level, text, at)
      isAfterValue = isClosing(code)
    }
    const own = levels.at(-1)
    found = Math.max(found, levels.length, ((own?.chain ?? 0) * deepest) / longestChain, (own?.elses ?? 0) * 2)
  }
  return found
}

const [newline, backtick, comma, semicolon, openBrace, closeBrace, backslash] = [10, 96, 44, 59, 123, 125, 92]
const operators: ReadonlySet<string> = new Set('await typeof new void delete yield keyof as satisfies instanceof'.split(' '))

/** Behind white space, a comment or a string that begins here; the same place where none does. */
function skip(text: string, at: number, code: number): number {
  if (code <= 32) {
    let end = at + 1
    while (text.charCodeAt(end) <= 32) end++
    return end
  }
  if (isQuote(code)) return endOfString(text, at)
  if (code !== 47) return at
  const next = text.charCodeAt(at + 1)
  const end = next === 47 ? text.indexOf('\n', at) : next === 42 ? text.indexOf('*/', at + 2) + 2 : at
  return end < at + 2 && end !== at ? text.length : end
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39
}

function endOfString(text: string, start: number): number {
  const quote = text.charCodeAt(start)
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote || code === newline) return at + 1
  }
  return text.length
}

/** Behind the next hole's opening, or behind the end. */
function endOfTemplateText(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === backtick) return at + 1
    else if (code === 36 && text.charCodeAt(at + 1) === openBrace) return at + 2
  }
  return text.length
}

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 36
}

function endOfWord(text: string, start: number): number {
  let at = start
  while (isWordCode(text.charCodeAt(at))) at++
  return at
}

function isOpening(code: number): boolean {
  return code === 40 || code === 91 || code === openBrace
}

function isClosing(code: number): boolean {
  return code === 41 || code === 93 || code === closeBrace
}

const signs = new Set(Array.from('?:=!~<-*', (character) => character.charCodeAt(0)))
function isSign(code: number): boolean {
  return signs.has(code)
}

/** A line that begins with a value, after one that ended with a value, begins a statement. */
function startsStatement(text: string, at: number): boolean {
  return /[\w$'"`{[(@]/.test(text.charAt(at))
}

/** A statement has ended: unless an `else` goes on with it, whatever comes next is beside it. */
function countElse(level: Level, text: string, at: number): void {
  elseNext.lastIndex = at
  level.elses = elseNext.test(text) ? level.elses + 1 : 0
  level.chain = 0
}

const elseNext = /\s*else\b/y
