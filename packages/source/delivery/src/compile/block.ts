import { hash } from 'node:crypto'

/** A generated block inside a file that may hold hand-written text around it. */
export interface Block {
  /** Offsets of the block, newlines that were inserted before it included. */
  readonly start: number
  readonly end: number
  /** Where the begin marker stands. */
  readonly markerAt: number
  /** The generated text between the markers, with `\n`. */
  readonly body: string
  /** The body is not what was generated. */
  readonly isEdited: boolean
  /** The file did not exist before. */
  readonly isCreated: boolean
}

export interface BlockHost {
  /** Relative to the root; keys the markers, so that a quoted block of another file is prose. */
  readonly path: string
  /** Null when the file does not exist. */
  readonly text: string | null
}

/** The file's own blocks; more than one only after a careless merge. */
export function findBlocks(host: { readonly path: string; readonly text: string }): Block[] {
  const { path, text } = host
  if (!text.includes('<!-- cox:begin ')) return []
  const key = keyOf(path)
  const opening = new RegExp(openingMarker)
  const blocks: Block[] = []
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    if (match[4] !== key) continue
    const bodyStart = text.indexOf('\n', match.index) + 1
    const end = findEnd(text, key, bodyStart === 0 ? text.length : bodyStart)
    if (end === null) break
    const body = text.slice(bodyStart, end.index).replaceAll('\r\n', '\n')
    const isEdited = sumOf(body) !== match[1]
    blocks.push({
      start: match.index - leadLength(text, match.index, Number(match[2])),
      end: end.after,
      markerAt: match.index,
      body,
      isEdited,
      isCreated: match[3] === 'created',
    })
    opening.lastIndex = end.after
  }
  return blocks
}

/** One for all files, because compiling an expression for each costs more than searching with it. */
const openingMarker = /^<!-- cox:begin (?=[0-9a-f]{6} ([0-9a-f]{10}) (\d) (kept|created)\b)([0-9a-f]{6}) [^\n]*-->\r?$/gm

/** Where the end marker's line begins and what follows it. */
function findEnd(text: string, key: string, from: number): { readonly index: number; readonly after: number } | null {
  const marker = `<!-- cox:end ${key} -->`
  for (let at = text.indexOf(marker, from); at !== -1; at = text.indexOf(marker, at + 1)) {
    const rest = /^(?:\r?\n|$)/.exec(text.slice(at + marker.length, at + marker.length + 2))
    if (rest !== null && (at === 0 || text[at - 1] === '\n')) return { index: at, after: at + marker.length + rest[0].length }
  }
  return null
}

/** The file's text with its block set to `body`: replaced where it stands, or appended. */
export function writeBlock(host: BlockHost, body: string): string {
  const text = host.text ?? ''
  const [present] = findBlocks({ path: host.path, text })
  if (present !== undefined) {
    const eol = eolAfter(text, present.markerAt)
    const lead = text.slice(present.start, present.markerAt)
    const block = renderBlock({ path: host.path, body, lead: lead.length, isCreated: present.isCreated })
    return `${text.slice(0, present.markerAt)}${withEol(block, eol)}${text.slice(present.end)}`
  }
  const eol = eolAfter(text, 0)
  const lead = leadFor(text, eol)
  const block = renderBlock({ path: host.path, body, lead: lead.length, isCreated: host.text === null })
  return `${text}${lead}${withEol(block, eol)}`
}

/** The file's text without its blocks, as it was before the first one was written; null when the file was created for its block. */
export function removeBlocks(host: { readonly path: string; readonly text: string }): string | null {
  let text = host.text
  let isCreated = false
  for (let [block] = findBlocks(host); block !== undefined; [block] = findBlocks({ path: host.path, text })) {
    text = `${text.slice(0, block.start)}${text.slice(block.end)}`
    isCreated ||= block.isCreated
  }
  return isCreated && text === '' ? null : text
}

export function sumOf(text: string): string {
  return hash('sha256', text).slice(0, 10)
}

function keyOf(path: string): string {
  return hash('sha256', `coxswain block of ${path}`).slice(0, 6)
}

function renderBlock(block: {
  readonly path: string
  readonly body: string
  readonly lead: number
  readonly isCreated: boolean
}): string {
  const key = keyOf(block.path)
  const origin = block.isCreated ? 'created' : 'kept'
  const begin = `<!-- cox:begin ${key} ${sumOf(block.body)} ${block.lead} ${origin}; from harness/, edit there -->`
  return `${begin}\n${block.body}<!-- cox:end ${key} -->\n`
}

/** The kind of newline that ends the line at an offset. */
function eolAfter(text: string, offset: number): string {
  const newline = text.indexOf('\n', offset)
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n'
}

function withEol(block: string, eol: string): string {
  return eol === '\n' ? block : block.replaceAll('\n', eol)
}

/** One empty line before the block, made of as few characters as needed, so that they can be taken away again. */
function leadFor(text: string, eol: string): string {
  if (text === '' || /\n\r?\n$/.test(text)) return ''
  return text.endsWith('\n') ? eol : `${eol}${eol}`
}

/** Only newlines are ever taken away with a block: what somebody wrote there meanwhile stays. */
function leadLength(text: string, markerAt: number, recorded: number): number {
  let length = 0
  while (length < recorded && /[\r\n]/.test(text[markerAt - length - 1] ?? '')) length += 1
  return length
}
