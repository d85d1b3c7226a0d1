import type { DocumentFacts, FileFacts } from '../file-facts.ts'
import { createLineTable, type LineTable } from '../parse/line-table.ts'
import { findPersonalData } from '../secrets/find-personal-data.ts'
import { findSecrets } from '../secrets/find-secrets.ts'
import { readExemptions } from './read-exemptions.ts'

/** Facts of a Markdown file: what it points at, and the commands it tells people to run. */
export function extractDocument(text: string, bytes: number): FileFacts {
  const lines = createLineTable(text)
  return {
    kind: 'document',
    bytes,
    lines: lines.count,
    imports: [],
    exports: [],
    functions: [],
    sites: [...findSecrets(text, lines), ...findPersonalData(text, lines)],
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
  const revision = /^\s*(?:revision|as of commit|verified at)[:\s]+`?([0-9a-f]{7,40})`?/im.exec(text)
  return {
    links,
    commands,
    headings,
    ...(revision?.[1] && { revision: { id: revision[1], line: lines.lineAt(revision.index + 1) } }),
  }
}

function readProse(
  content: string,
  line: number,
  into: { readonly links: { target: string; line: number; column: number }[]; readonly headings: string[] },
): void {
  const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(content)?.[1]
  if (heading !== undefined) into.headings.push(heading)
  const visible = content.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
  for (const match of visible.matchAll(/\[(?:[^\]]*)\]\(\s*<?([^\s<>)]+)>?(?:\s+"[^"]*")?\s*\)/g))
    into.links.push({ target: match[1] ?? '', line, column: match.index + 1 })
  const definition = /^\s{0,3}\[(?!\^)[^\]]+\]:\s*<?([^\s<>]+)>?/.exec(visible)?.[1]
  if (definition !== undefined) into.links.push({ target: definition, line, column: 1 })
}
