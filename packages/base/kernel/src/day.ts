/** What keeps a text from being a day of the calendar, written `yyyy-mm-dd`; null when it is one. */
export function dayProblem(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'write the day as yyyy-mm-dd'
  const at = new Date(`${text}T00:00:00Z`)
  // A date rolls the 31st of a shorter month over into the next.
  const isReal = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
  return isReal ? null : `the calendar has no day ${text}`
}
