const filler = new Set('a an the to of in for and or is are be with that this it you your must should always'.split(' '))

export function titleOf(text: string): string {
  const first = text.replace(/[.:;]\s.*$/s, '').replace(/[.:;]$/, '')
  return first.length <= 100 ? first : `${first.slice(0, 97).replace(/\s\S*$/, '')} …`
}

/** A free name from the words that carry the meaning; it is taken from then on. */
export function freeId(text: string, taken: Set<string>): string {
  const words = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()
    .split(' ')
    .filter((word) => !filler.has(word))
  const base =
    words
      .slice(0, 6)
      .join('-')
      .slice(0, 48)
      .replace(/^[^a-z]+/, '')
      .replace(/-$/, '') || 'imported'
  let id = base
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`
  taken.add(id)
  return id
}
