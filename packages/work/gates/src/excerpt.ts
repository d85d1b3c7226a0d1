import { redact } from '@coxswain/kernel'

const maxLines = 60
const maxLineLength = 400
const maxCharacters = 4_000
const telling = /error|fail|not ok|expected|received|assert|exception|cannot|undefined|✗|×|✖|\bFAIL\b|:\d+:\d+|^\s+at /i

/** The shortest useful part of a failing command's output: without colours, repeated lines and secrets; telling lines first, the end always. */
export function excerptOf(output: string): string {
  const lines = plainLines(output)
  if (lines.length <= maxLines) return limit(lines.map(shorten).join('\n'))
  const tail = lines.slice(-20)
  const rest = lines.slice(0, -20)
  const told = rest.filter((line) => telling.test(line)).slice(0, maxLines - tail.length - 1)
  const left = rest.length - told.length
  return limit([...told, `… ${left} more lines`, ...tail].map(shorten).join('\n'))
}

function plainLines(output: string): string[] {
  const lines: string[] = []
  // eslint-disable-next-line no-control-regex -- escape sequences are what is removed
  for (const raw of output
    .replaceAll(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g, '')
    .split('\n')) {
    // A progress line rewrites itself with carriage returns: what was left standing counts.
    const line = (raw.replace(/\r$/, '').split('\r').at(-1) ?? '')
      .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')
      .trimEnd()
    if (line !== '' && line !== lines.at(-1)) lines.push(line)
  }
  return lines
}

/** Redacted before it is cut: half a secret is not recognised any more. */
function shorten(line: string): string {
  const clean = redact(line.slice(0, 4 * maxLineLength))
  return clean.length > maxLineLength ? `${clean.slice(0, maxLineLength)}…` : clean
}

function limit(text: string): string {
  const clean = redact(text)
  const short =
    clean.length <= maxCharacters ? clean : `${clean.slice(0, maxCharacters / 2)}\n… cut …\n${clean.slice(-maxCharacters / 2)}`
  return short.toWellFormed()
}
