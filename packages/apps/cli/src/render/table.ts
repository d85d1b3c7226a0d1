import { stripVTControlCharacters } from 'node:util'

/** Left-aligned columns, two spaces apart; control characters of untrusted text are made harmless. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plain))
  const widths = head.map((title, column) => Math.max(title.length, ...clean.map((row) => (row[column] ?? '').length)))
  return [head, ...clean]
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** One line without escape sequences: what a task or an agent wrote must not drive the terminal. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is removed
  return stripVTControlCharacters(text)
    .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .trim()
}

/** Like `plain`, but keeps line breaks. */
export function plainBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line.replaceAll('\t', '  ').replace(/^( *)/, (spaces) => '\u00A0'.repeat(spaces.length))))
    .join('\n')
    .replaceAll('\u00A0', ' ')
}
