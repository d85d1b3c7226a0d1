const hidden = '[redacted]'

/** Shapes of credentials that are recognisable on their own. */
const shapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
]

/** Credentials that only their surroundings give away; the first group is kept. */
const surroundings: readonly RegExp[] = [
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/gi,
  /(\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)?\s*)[^\s"',]{8,}/gi,
  /(\bbearer\s+)[A-Za-z0-9._~+/=-]{12,}/gi,
  /(\b[A-Za-z0-9_]*(?:api[_-]?key|secret|password|passwd|token)["']?\s*[:=]\s*["']?)[^\s"',;&]{8,}/gi,
]

/** Replaces credentials in text that leaves the process: errors, logs, events, files. */
export function redact(text: string): string {
  let result = text
  for (const shape of shapes) result = result.replace(shape, hidden)
  for (const pattern of surroundings) result = result.replace(pattern, `$1${hidden}`)
  return result
}
