import type { DocumentFacts, FileFacts } from '../file-facts.ts'
import { createLineTable, type LineTable } from '../parse/line-table.ts'
import { findPersonalData } from '../secrets/find-personal-data.ts'
import { findSecrets } from '../secrets/find-secrets.ts'
import type { Scan } from './extract-facts.ts'
import { readExemptions } from './read-exemptions.ts'

/** Facts of a Markdown file: what it points at, and the commands it tells people to run. */
export function extractDocument(text: string, bytes: number, scan: Scan): FileFacts {
  const lines = createLineTable(text)
  return {
    kind: 'document',
    bytes,
    lines: lines.count,
    imports: [],
    exports: [],
    functions: [],
    sites: scan === 'full' ? [...findSecrets(text, lines), ...findPersonalData(text, lines)] : [],
    exemptions: readExemptions(text, lines),
    document: readDocument(text, lines),
  }
}

function readDocument(text: string, lines: LineTable): DocumentFacts {
  const links: { target: string; line: number; column: number }[] = []
  const commands: { text: string; line: number }[] = []
  const headings: string[] = []
  let fence: { readonly mark: string; readonly isShell: boolean } | null = null
  for (let line = 1; line <= lines.count; line++) {
    const content = lines.textOf(line)
    const mark = /^\s*(`{3,}|~{3,})\s*(\w*)/.exec(content)
    if (mark !== null && fence === null)
      fence = { mark: mark[1] ?? '', isShell: /^(?:sh|bash|shell|console|zsh)$/.test(mark[2] ?? '') }
    else if (mark !== null && fence !== null && (mark[1] ?? '').startsWith(fence.mark)) fence = null
    else if (fence?.isShell === true && content.trim() !== '')
      commands.push({ text: content.replace(/^\s*\$\s/, '').trim(), line })
    else if (fence === null) readProse(content, line, { links, headings })
  }
  const revision = /^[ \t]*(?:revision|as of commit|verified at)[: \t]+`?([0-9a-f]{7,40})`?/im.exec(text)
  return {
    links,
    commands,
    headings,
    ...(revision?.[1] && { revision: { id: revision[1], line: lines.lineAt(revision.index) } }),
  }
}

function readProse(
  content: string,
  line: number,
  into: { readonly links: { target: string; line: number; column: number }[]; readonly headings: string[] },
): void {
  const heading = /^#{1,6}\s+(.*)$/.exec(content)?.[1]
  if (heading !== undefined) into.headings.push(withoutEnd(heading))
  const visible = content.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
  for (const link of readLinks(visible)) into.links.push({ ...link, line })
  const definition = /^\s{0,3}\[(?!\^)[^\]]+\]:\s*<?([^\s<>]+)>?/.exec(visible)?.[1]
  if (definition !== undefined) into.links.push({ target: definition, line, column: 1 })
}

/** Without the marks that may close a heading. */
function withoutEnd(heading: string): string {
  let end = heading.trimEnd().length
  while (heading.charCodeAt(end - 1) === hash) end--
  return heading.slice(0, end).trimEnd()
}

const hash = 35

/** `[text](target "title")`, in one pass: a line may hold a hundred thousand brackets and no link. */
function readLinks(line: string): { readonly target: string; readonly column: number }[] {
  const links: { target: string; column: number }[] = []
  let open = -1
  let stop = -1
  bracket.lastIndex = 0
  for (let match = bracket.exec(line); match !== null; match = bracket.exec(line)) {
    const isOpening = match[0] === '['
    if (isOpening && open === -1) open = match.index
    if (isOpening) continue
    const [start, at] = [open, afterBlanks(line, match.index + 2)]
    open = -1
    if (start === -1 || line.charAt(match.index + 1) !== '(') continue
    if (stop < at) stop = endOfTarget(line, at)
    closing.lastIndex = stop
    if (stop === at || !closing.test(line)) continue
    links.push({ target: line.slice(at, stop), column: start + 1 })
    bracket.lastIndex = closing.lastIndex
  }
  return links
}

const bracket = /[[\]]/g
const closing = />?(?:\s+"[^"]*")?\s*\)/y

function afterBlanks(line: string, from: number): number {
  const at = from + (/^\s*/.exec(line.slice(from, from + 100))?.[0].length ?? 0)
  return line.charAt(at) === '<' ? at + 1 : at
}

function endOfTarget(line: string, from: number): number {
  targetEnd.lastIndex = from
  return targetEnd.exec(line)?.index ?? line.length
}

const targetEnd = /[\s<>)]/g
