import picomatch from 'picomatch'
import type { RewriteRule, TextEdit } from './read-orders.ts'
import type { RuleMatch } from './scan.ts'

/** One place of a file, in units of that file's text or bytes. */
export interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface ChosenReplacements {
  readonly chosen: readonly Replacement[]
  /** Overlapped by a chosen one: to be looked at again once that is done. */
  readonly postponed: number
}

/** From the outside in: of two that overlap the outer one wins, of two on the same place the first. */
export function chooseReplacements(candidates: readonly Replacement[]): ChosenReplacements {
  const ordered = [...candidates].toSorted((left, right) => left.start - right.start || right.end - left.end)
  const chosen: Replacement[] = []
  let postponed = 0
  for (const candidate of ordered) {
    const last = chosen.at(-1)
    if (last === undefined || candidate.start >= last.end) chosen.push(candidate)
    else if (!isSame(candidate, last)) postponed += 1
  }
  return { chosen, postponed }
}

function isSame(left: Replacement, right: Replacement): boolean {
  return left.start === right.start && left.end === right.end && left.text === right.text
}

/** Replaces bytes; whatever is not replaced stays as it was, encoding and line ends included. */
export function replaceBytes(content: Buffer, replacements: readonly Replacement[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of replacements) {
    parts.push(content.subarray(at, start), Buffer.from(text))
    at = end
  }
  return Buffer.concat([...parts, content.subarray(at)])
}

/** Edits of findings carry offsets of the text; those whose text is no longer there are left out. */
export function bytesOfEdits(
  content: Buffer,
  edits: readonly TextEdit[],
): { readonly replacements: readonly Replacement[]; readonly stale: number } {
  const text = content.toString('utf8')
  const fresh = edits.filter(
    ({ start, end, was }) => start <= end && end <= text.length && (was === undefined || text.slice(start, end) === was),
  )
  const toBytes = (offset: number): number => Buffer.byteLength(text.slice(0, offset))
  return {
    replacements: fresh.map((edit) => ({ start: toBytes(edit.start), end: toBytes(edit.end), text: edit.text })),
    stale: edits.length - fresh.length,
  }
}

/** Matches by file, without those that change nothing or lie outside of their rule's globs. */
export function groupMatches(matches: readonly RuleMatch[], rules: readonly RewriteRule[]): Map<string, RuleMatch[]> {
  const filters = rules.map(fileFilter)
  const byFile = new Map<string, RuleMatch[]>()
  for (const match of matches.toSorted((left, right) => left.ruleIndex - right.ruleIndex)) {
    const file = match.file.replace(/^\.\//, '')
    if (filters[match.ruleIndex]?.(file) !== true) continue
    const known = byFile.get(file)
    if (known === undefined) byFile.set(file, [match])
    else known.push(match)
  }
  return byFile
}

function fileFilter(rule: RewriteRule): (file: string) => boolean {
  const isWanted = rule.files.length === 0 ? () => true : picomatch([...rule.files], { dot: true })
  const isIgnored = rule.ignores.length === 0 ? () => false : picomatch([...rule.ignores], { dot: true })
  return (file) => isWanted(file) && !isIgnored(file)
}
