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

/** Marks that turn the reading direction make a name or a line of code look like another one: they are shown by their number. */
function withTurnsShown(text: string): string {
  return text.replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, (mark) => `<U+${mark.charCodeAt(0).toString(16).toUpperCase()}>`)
}

/** One line without escape sequences: what a task or an agent wrote must not drive the terminal. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is removed
  return withTurnsShown(stripVTControlCharacters(text))
    .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .trim()
}

/** Without escape sequences and control characters; line breaks, tabs and spaces stay as they are, so that a diff stays a diff. */
export function plainBlock(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is removed
  return withTurnsShown(stripVTControlCharacters(text)).replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]+/g, '')
}
