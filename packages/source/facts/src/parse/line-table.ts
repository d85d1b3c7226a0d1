import { textPrint } from './text-print.ts'

/** Offsets to lines and columns, both from 1. */
export interface LineTable {
  readonly count: number
  lineAt(offset: number): number
  columnAt(offset: number): number
  textOf(line: number): string
  /** Print of a line's text. A line of a megabyte may hold a hundred thousand places: it is read once for all of them. */
  printOf(line: number): string
}

export function createLineTable(text: string): LineTable {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const lineAt = (offset: number): number => findLine(starts, offset)
  const textOf = (line: number): string => text.slice(starts[line - 1] ?? 0, (starts[line] ?? text.length + 1) - 1)
  let last = { line: 0, print: '' }
  return {
    // A final newline ends the last line, it does not open another.
    count: text === '' ? 0 : starts.length - (text.endsWith('\n') ? 1 : 0),
    lineAt,
    columnAt: (offset) => offset - (starts[lineAt(offset) - 1] ?? 0) + 1,
    textOf,
    printOf: (line) => {
      if (last.line !== line) last = { line, print: textPrint(textOf(line)) }
      return last.print
    },
  }
}

function findLine(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
