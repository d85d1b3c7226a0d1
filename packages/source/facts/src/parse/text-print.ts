import { hash } from 'node:crypto'

/** A short hash of text without its white space: equal for equal code, however it is indented. Not for security. */
export function textPrint(text: string): string {
  let high = 0x811c9dc5
  let low = 0x1b873593
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32) continue
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b) ^ (low >>> 13)
  }
  return (high >>> 0).toString(36) + (low >>> 0).toString(36)
}

/** The same for bodies of functions: white space inside a line counts, which leaves the work to native code. */
export function bodyPrint(body: string): string {
  return hash('sha1', body.replace(/\r?\n[ \t]*/g, '\n'), 'base64url').slice(0, 14)
}
