import { pathAsWord } from '@coxswain/facts'
import { counted } from '@coxswain/kernel'
import type { CheckReport } from '../check-report.ts'
import type { Finding } from '../finding.ts'
import { shownFinding, shownName } from './shown-finding.ts'

/** For agents and people alike: the explanation of a rule once, then its places; most useful first; never longer than its budget. */
export function renderText(report: CheckReport): string {
  const groups = [...Map.groupBy(report.findings.map(shownFinding), (finding) => finding.rule)].toSorted(
    ([, a], [, b]) => rank(a) - rank(b),
  )
  const blocks: string[] = []
  let left = report.reportTokens * charactersPerToken
  let hidden = 0
  for (const [index, [rule, findings]] of groups.entries()) {
    // Each rule still to come keeps enough room to be named with its first place.
    const room = Math.max(shortestBlock, left / (groups.length - index))
    const block = left < shortestBlock ? null : renderGroup(rule, findings, room)
    if (block === null) hidden += findings.length
    else {
      blocks.push(block)
      left -= block.length
    }
  }
  if (hidden > 0)
    blocks.push(
      `and ${hidden} more ${hidden === 1 ? 'finding' : 'findings'} of other rules: mend these first, or ask for one rule with --rule`,
    )
  const fixes = report.applied.map((fix) => `fixed ${fix.rule} ${shownName(fix.file)}`)
  const notes = report.notes.map((note) => `note: ${shownName(note)}`)
  const shownFixes = fixes.length > 20 ? [...fixes.slice(0, 20), `fixed ${fixes.length - 20} more`] : fixes
  return [...blocks, [...shownFixes, ...notes, closingLine(report)].join('\n')].join('\n\n')
}

const charactersPerToken = 3.6
const shortestBlock = 900

function rank(findings: readonly Finding[]): number {
  return findings.some((finding) => finding.severity === 'error') ? 0 : 1
}

/** Always there, also when all is well: silence would be read as a program that did not run. */
export function closingLine(report: CheckReport): string {
  const looked = `checked ${withSeparators(report.files)} ${report.files === 1 ? 'file' : 'files'}, ${counted(report.rules, 'rule')}`
  const errors = report.findings.filter((finding) => finding.severity === 'error').length
  const total = report.findings.length
  const known = [
    report.baseline.known > 0 ? `${report.baseline.known} known` : '',
    report.baseline.fixed > 0 ? `${report.baseline.fixed} fixed: \`cox check --update-baseline\` takes them out` : '',
  ].filter((part) => part !== '')
  const result =
    total === 0
      ? report.rules === 0
        ? 'no rule has a check here, so that nothing was checked'
        : report.hasSource
          ? 'clean'
          : 'no finding, and no code to look at'
      : `${counted(total, 'finding')} (${counted(errors, 'error')}, ${counted(total - errors, 'warning')})`
  return [`${looked}: ${result}`, ...known].join('; ')
}

/** Like `toLocaleString`, which loads a tenth of a second of locale data. */
function withSeparators(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

function renderGroup(rule: string, findings: readonly Finding[], room: number): string {
  const [first] = findings
  if (first === undefined) return ''
  if (findings.length === 1) return renderFinding(first)
  const head = [
    `${rule} · ${counted(findings.length, first.severity)}`,
    `  why: ${first.why}`,
    `  see: ${whatToRead(first)} · again: cox check --rule ${rule}`,
  ]
  const places: string[] = []
  let used = head.join('\n').length
  let lastFix = ''
  for (const finding of findings) {
    const fix = finding.fix.map((way, at) => `    ${at + 1}. ${way}`).join('\n')
    const place = `  ${finding.file}:${finding.line}:${finding.column} ${finding.what}`
    const text = fix === lastFix ? place : `${place}\n${places.length < fullPlaces ? fix : `    1. ${finding.fix[0] ?? ''}`}`
    if (used + text.length > room && places.length > 0) break
    places.push(text)
    used += text.length
    lastFix = fix
  }
  const rest = findings.length - places.length
  return [...head, ...places, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join('\n')
}

/** Documents of our own rules are where this program is, not in the repository that it reads. */
export function whatToRead({ rule, see }: Finding): string {
  return see === `docs/rules/${rule}.md` ? `cox check --explain ${rule}` : see
}

/** After these the reader knows the rule: one way out per place is enough. */
const fullPlaces = 3

/** One finding on its own: at most a dozen lines. */
export function renderFinding(finding: Finding): string {
  return [
    `${finding.file}:${finding.line}:${finding.column} ${finding.rule} (${finding.severity})`,
    `  what: ${finding.what}`,
    `  why: ${finding.why}`,
    ...finding.fix.map((way, at) => `  ${at === 0 ? 'fix:' : ' or:'} ${way}`),
    `  see: ${whatToRead(finding)}`,
    `  again: cox check ${pathAsWord(finding.file)} --rule ${finding.rule}`,
  ].join('\n')
}
