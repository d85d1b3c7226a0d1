export interface Fence {
  /** The first word of the info string, in lower case. */
  readonly language: string
  readonly text: string
  /** Where the block opens, from 1. */
  readonly line: number
}

/** Fenced code blocks of Markdown. One that is never closed goes to the end, as CommonMark has it. */
export function findFences(markdown: string): Fence[] {
  const fences: Fence[] = []
  let open: { mark: string; indent: number; language: string; line: number; lines: string[] } | null = null
  const close = (): void => {
    if (open !== null) fences.push({ language: open.language, text: open.lines.join('\n'), line: open.line })
    open = null
  }
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const [, indent = '', mark = '', info = ''] = /^( *)(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? []
    if (open === null) {
      if (mark !== '') open = { mark, indent: indent.length, language: firstWord(info), line: index + 1, lines: [] }
    } else if (mark.startsWith(open.mark) && info.trim() === '') close()
    else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
  }
  close()
  return fences
}

function firstWord(info: string): string {
  return (/^[\w+-]*/.exec(info)?.[0] ?? '').toLowerCase()
}
