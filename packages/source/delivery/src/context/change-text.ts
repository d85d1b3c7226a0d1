import type { TextChange } from './loading-rules.ts'

/** What an agent program does to a file's text before it sends it. */
export function changeText(text: string, changes: readonly TextChange[]): string {
  return changes.reduce((current, change) => applyChange(current, change), text)
}

function applyChange(text: string, change: TextChange): string {
  if (change === 'lf') return text.replaceAll('\r\n', '\n')
  if (change === 'strip-bom') return text.replace(/^\uFEFF/, '')
  if (change === 'trim') return text.trim()
  return stripComments(text)
}

/**
 * Removes HTML comments that stand as blocks of their own, with the empty lines after them; those in fences, lists, other HTML blocks
 * or running text stay. This follows what Claude Code 2.1.330 was seen to send.
 */
function stripComments(text: string): string {
  let output = ''
  let rest = text
  const context: LineContext = { fence: null, isInHtml: false, isInList: false }
  while (rest !== '') {
    const comment = context.fence === null && !context.isInHtml ? leadingComment(rest, context.isInList) : null
    if (comment !== null) {
      rest = rest.slice(comment)
      continue
    }
    const end = rest.indexOf('\n') + 1
    const line = end === 0 ? rest : rest.slice(0, end)
    followLine(line, context)
    output += line
    rest = rest.slice(line.length)
  }
  return output
}

interface LineContext {
  fence: string | null
  isInHtml: boolean
  isInList: boolean
}

/** The length of the comment that the text starts with, or null. An indented one inside a list belongs to the list. */
function leadingComment(rest: string, isInList: boolean): number | null {
  const match = /^( {0,3})<!--[\s\S]*?-->/.exec(rest)
  if (match === null || (isInList && match[1] !== '')) return null
  const newlines = /^[ \t]*(\n+|$)/.exec(rest.slice(match[0].length))
  return match[0].length + (newlines?.[0].length ?? 0)
}

function followLine(line: string, context: LineContext): void {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
  if (context.fence !== null) {
    if (fence !== undefined && fence.startsWith(context.fence)) context.fence = null
    return
  }
  if (fence !== undefined) context.fence = fence
  const isBlank = line.trim() === ''
  if (isBlank) context.isInHtml = false
  else if (/^ {0,3}<\/?[a-zA-Z]/.test(line)) context.isInHtml = true
  if (/^ {0,3}(?:[-*+]|\d+[.)])\s/.test(line)) context.isInList = true
  else if (!isBlank && !/^\s/.test(line)) context.isInList = false
}
