/** Characters kept of one text; what is longer ends with a mark that says how much is missing. */
export const longestText = 1_000_000

/** Text as Postgres can keep it: no NUL, no half surrogate pairs, not endless. Everything else stays as it was written. */
export function cleanText(text: string): string {
  const kept = text.length > longestText ? `${text.slice(0, longestText)}… [${text.length - longestText} characters cut]` : text
  return kept.replaceAll('\0', '\u2400').toWellFormed()
}

/** Every text of a JSON value cleaned; what JSON cannot express is dropped as JSON.stringify drops it. */
export function cleanJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') return cleanText(part)
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) return withCleanKeys(part)
    return part
  })
}

function withCleanKeys(part: object): object {
  const entries = Object.entries(part)
  return entries.every(([key]) => cleanText(key) === key)
    ? part
    : Object.fromEntries(entries.map(([key, value]) => [cleanText(key), value]))
}
