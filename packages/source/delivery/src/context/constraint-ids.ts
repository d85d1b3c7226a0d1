/** The constraints whose lines a text holds, in order, each once: compiled lines end with `[id]`. */
export function constraintIds(text: string): string[] {
  return [...new Set([...text.matchAll(/^- .*\[([a-z][a-z0-9-]*)\][ \t]*\r?$/gm)].map((match) => match[1] ?? ''))]
}
