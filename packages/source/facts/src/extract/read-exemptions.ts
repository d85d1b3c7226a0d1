import { dayProblem } from '@coxswain/kernel'
import type { Exemption } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'

/** Exemptions written in comments. A malformed one is read too, so that a rule can say what it lacks. */
export function readExemptions(text: string, lines: LineTable): Exemption[] {
  if (!text.includes(mark)) return []
  return [...text.matchAll(shape)].map((match) => {
    const rest = match[2] ?? ''
    const until = /\buntil=([\d-]+(?!\w)|\S+)/.exec(rest)?.[1]
    const isDay = until !== undefined && dayProblem(until) === null
    return {
      rule: match[1] ?? '',
      line: lines.lineAt(match.index),
      owner: /\bowner=(\S+)/.exec(rest)?.[1] ?? null,
      until: isDay ? until : null,
      ...(until !== undefined && !isDay && { noDay: until }),
      reason: readReason(rest),
    }
  })
}

/** Up to the end of the comment or line. */
function readReason(rest: string): string | null {
  const stated = /\breason=(.+)/
    .exec(rest)?.[1]
    ?.split(/\*\/|-->/)[0]
    ?.trimEnd()
  return stated === undefined || stated === '' ? null : stated
}

// Long needles make the search build tables for each text.
const mark = '-allow'
const shape = /(?:\/\/|\/\*|#|<!--)\s*cox-allow[ \t]+([\w-]+)([^\n]{0,2000})/g
