/** A text without some of its lines; every other byte stays. The lines are items of lists, which was seen before. */
export function withoutLines(text: string, places: readonly { readonly line: number; readonly text: string }[]): string {
  const lines = text.split('\n')
  for (const place of places)
    if (!isItem(lines[place.line - 1] ?? '', place.text)) throw new Error(`line ${place.line} is not the item "${place.text}"`)
  const gone = new Set(places.map(({ line }) => line - 1))
  return lines.filter((_, index) => !gone.has(index)).join('\n')
}

function isItem(line: string, text: string): boolean {
  const item = /^\uFEFF?\s*[-*+]\s+(.*)$/s.exec(line.replace(/\r$/, ''))
  return item !== null && words(item[1] ?? '') === words(text)
}

function words(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
}
