/** What `*` stands for; null when the pattern does not fit. */
export function matchPattern(pattern: string, text: string): string | null {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text ? '' : null
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
    ? text.slice(head.length, text.length - tail.length)
    : null
}
