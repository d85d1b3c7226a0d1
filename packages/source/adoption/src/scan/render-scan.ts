import { counted } from '@coxswain/kernel'
import { cheaperText } from '../read/enforcement.ts'
import type { Received, Scan } from './scan.ts'

const mostRows = 12

/** The page: what costs or misleads most stands first. Every claim names file and line. */
export function renderScan(scan: Scan): string {
  if (scan.instructionFiles.length === 0) return 'No instruction files: agents receive nothing from this repository.\n'
  const tokens = scan.instructionFiles.reduce((sum, file) => sum + file.tokens, 0)
  const sections = [
    `# Instructions of this repository\n\n${counted(scan.instructionFiles.length, 'file')}, ${counted(tokens, 'token')}, ${counted(scan.statements, 'sentence')} that ask for something.\n`,
    section(
      'What agents receive at the start',
      scan.received.filter((row) => row.folder === '' || row.bytes > 0).map(receivedRow),
    ),
    section(
      'Named, but not there',
      scan.stale.map((one) => `${one.file}:${one.line} ${one.message}`),
    ),
    section(
      'Cannot all be followed',
      scan.contradictions.map((one) => `${one.message} (${one.places.map(placeText).join(', ')})`),
    ),
    section('A machine says it, or could', scan.mechanisable.map(mechanisableRow)),
    section('Said more than once', scan.repeated.map(repeatedRow)),
    section(
      'Not read whole',
      scan.partlyRead.map(
        (file) => `${file} computes its rules; nothing here runs it, so more may be enforced than is said above`,
      ),
    ),
    violationsSection(scan),
  ]
  return sections.filter((text) => text !== '').join('\n')
}

function section(title: string, rows: readonly string[]): string {
  if (rows.length === 0) return ''
  const more = rows.length > mostRows ? `- … ${rows.length - mostRows} more with --json\n` : ''
  return `## ${title}\n\n${rows
    .slice(0, mostRows)
    .map((row) => `- ${row}\n`)
    .join('')}${more}`
}

function receivedRow(row: Received): string {
  const place = row.folder === '' ? 'the root' : row.folder
  const cuts = row.lost
    .filter((loss) => loss.reason === 'over-cap')
    .map((loss) => `loses ${counted(loss.bytes, 'byte')} of ${loss.path} beyond its cap`)
  const outside = row.lost
    .filter((loss) => loss.reason === 'outside-folder')
    .map((loss) => `does not get ${loss.path}, imported from outside the folder`)
  const hidden = row.lost
    .filter((loss) => loss.reason === 'hidden')
    .map((loss) => `does not read ${loss.path} beside its own files`)
  const losses = [...cuts, ...outside, ...hidden]
  const status = row.status === 'documented' ? ' (by its documentation, never run)' : ''
  return `${row.agent} in ${place}${status}: ${row.bytes === 0 ? 'nothing' : `${row.bytes} bytes, ${row.tokens} tokens from ${counted(row.files.length, 'file')}`}${losses.length > 0 ? `; ${losses.join('; ')}` : ''}`
}

function repeatedRow(one: Scan['repeated'][number]): string {
  const price = one.tokens > 0 ? `${one.tokens} tokens` : 'never at once, to be kept in step'
  return `${price}: "${clip(one.text)}" (${one.places.map(placeText).join(', ')})`
}

function mechanisableRow(rule: Scan['mechanisable'][number]): string {
  const found = rule.violations === null ? '' : `, ${rule.violations} ${rule.violations === 1 ? 'breach' : 'breaches'} today`
  return `${rule.file}:${rule.line} "${clip(rule.text)}" (${rule.tokens} tokens${found}): ${cheaperText(rule.enforcement)}`
}

function violationsSection(scan: Scan): string {
  if (scan.violations === null) return ''
  const rows = Object.entries(scan.violations)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
  return section(
    'What the source tests would find, and a baseline would freeze',
    rows.map(([rule, count]) => `${rule}: ${count}`),
  )
}

function placeText(place: { readonly file: string; readonly line: number }): string {
  return `${place.file}:${place.line}`
}

function clip(text: string): string {
  return text.length <= 110 ? text : `${text.slice(0, 109)}…`
}
