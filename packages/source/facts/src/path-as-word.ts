/** A path as one word for a shell: commands that a message proposes are copied, and run by agents. */
export function pathAsWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
