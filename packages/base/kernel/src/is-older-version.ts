/** Whether `1.2.3-x` comes before a version; a part that is no number counts as 0. */
export function isOlderVersion(version: string, minimum: readonly number[]): boolean {
  const numbers = version.split(/[.-]/).slice(0, minimum.length).map(Number)
  for (const [index, least] of minimum.entries()) {
    const difference = (numbers[index] || 0) - least
    if (difference !== 0) return difference < 0
  }
  return false
}
