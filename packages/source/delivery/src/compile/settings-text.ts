/** Hooks by event, as Claude Code's settings hold them. */
export type HookMap = Readonly<Record<string, readonly unknown[]>>

/** Stands in each generated command, as a comment of the shell: tells ours from a person's after the file was rewritten. */
export const hookMark = '# cox:'

export interface Inserted {
  readonly text: string
  /** What was put in, piece by piece: without exactly these characters the file is as it was. */
  readonly segments: readonly string[]
}

/** Puts hooks into a settings file without touching a character of it; null when the file is not what it should be. */
export function insertHooks(text: string, hooks: HookMap): Inserted | null {
  const parsed = parseObject(text)
  if (parsed === null) return null
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const open = text.indexOf('{')
  const hooksAt = membersOf(text, open).get('hooks')
  if (hooksAt === undefined)
    return insertAll(text, [{ at: open + 1, text: memberText(text, open, { name: 'hooks', value: hooks, eol, depth: 1 }) }])
  if (!isObject(parsed['hooks'])) return null
  return insertIntoHooks(text, { hooks, present: parsed['hooks'], hooksAt, eol })
}

/** Takes out what `insertHooks` put in. Where the file was rewritten meanwhile, commands are known by their mark and the rest is kept. */
export function removeHooks(text: string, segments: readonly string[]): { readonly text: string; readonly isExact: boolean } {
  let rest = text
  for (const segment of segments) rest = rest.replace(segment, () => '')
  if (!rest.includes(hookMark)) return { text: rest, isExact: segments.every((segment) => text.includes(segment)) }
  const parsed = parseObject(text)
  const hooks = parsed?.['hooks']
  if (parsed === null || !isObject(hooks)) return { text, isExact: false }
  const kept = Object.entries(hooks).flatMap(([event, entries]) => {
    const others = Array.isArray(entries) ? entries.filter((entry) => !JSON.stringify(entry).includes(hookMark)) : entries
    return Array.isArray(others) && others.length === 0 ? [] : [[event, others] as const]
  })
  const { hooks: _, ...others } = parsed
  const settings = kept.length === 0 ? others : { ...parsed, hooks: Object.fromEntries(kept) }
  return { text: `${JSON.stringify(settings, null, 2)}\n`, isExact: false }
}

interface Insertion {
  readonly at: number
  readonly text: string
}

interface HooksPlace {
  readonly hooks: HookMap
  readonly present: Readonly<Record<string, unknown>>
  /** Offset of the object that holds the events. */
  readonly hooksAt: number
  readonly eol: string
}

function insertIntoHooks(text: string, { hooks, present, hooksAt, eol }: HooksPlace): Inserted | null {
  const places = membersOf(text, hooksAt)
  const insertions: Insertion[] = []
  const fresh: [string, readonly unknown[]][] = []
  for (const [event, entries] of Object.entries(hooks)) {
    const at = places.get(event)
    if (at === undefined) fresh.push([event, entries])
    else if (!Array.isArray(present[event])) return null
    else {
      const inner = entries.map((entry) => `${eol}      ${pretty(entry, 3, eol)}`).join(',')
      insertions.push({ at: at + 1, text: `${inner}${isEmptyAfter(text, at) ? '' : ','}` })
    }
  }
  if (fresh.length > 0) {
    const inner = fresh.map(([event, entries]) => `${eol}    ${JSON.stringify(event)}: ${pretty(entries, 2, eol)}`).join(',')
    insertions.push({ at: hooksAt + 1, text: `${inner}${isEmptyAfter(text, hooksAt) ? '' : ','}` })
  }
  return insertAll(text, insertions)
}

function memberText(
  text: string,
  open: number,
  member: { readonly name: string; readonly value: unknown; readonly eol: string; readonly depth: number },
): string {
  const { name, value, eol, depth } = member
  const head = `${eol}${'  '.repeat(depth)}${JSON.stringify(name)}: ${pretty(value, depth, eol)}`
  if (!isEmptyAfter(text, open)) return `${head},`
  return text[open + 1] === '}' ? `${head}${eol}` : head
}

function pretty(value: unknown, depth: number, eol: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `${eol}${'  '.repeat(depth)}`)
}

/** Later places first, so that the earlier offsets hold. */
function insertAll(text: string, insertions: readonly Insertion[]): Inserted {
  const ordered = insertions.toSorted((a, b) => b.at - a.at)
  const whole = ordered.reduce((so, one) => `${so.slice(0, one.at)}${one.text}${so.slice(one.at)}`, text)
  return { text: whole, segments: ordered.map((one) => one.text) }
}

/** Whether an object or array that opens at an offset holds nothing. */
function isEmptyAfter(text: string, open: number): boolean {
  return /[\]}]/.test(text[skipSpace(text, open + 1)] ?? '')
}

/** Where the value of each member of the object stands. The text is known to be JSON. */
function membersOf(text: string, open: number): Map<string, number> {
  const members = new Map<string, number>()
  let at = skipSpace(text, open + 1)
  while (at < text.length && text[at] !== '}') {
    const end = endOfString(text, at)
    const name: unknown = JSON.parse(text.slice(at, end))
    const value = skipSpace(text, skipSpace(text, end) + 1)
    members.set(String(name), value)
    at = skipSpace(text, endOfValue(text, value))
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (/\s/.test(text[at] ?? '')) at += 1
  return at
}

function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at] ?? ''
    if (sign === '"') at = endOfString(text, at) - 1
    else if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') depth -= 1
    if (depth < 0) return at
    if (depth === 0 && /^\s*[,}\]]/.test(text.slice(at + 1))) return at + 1
  }
  return text.length
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''))
    return isObject(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
