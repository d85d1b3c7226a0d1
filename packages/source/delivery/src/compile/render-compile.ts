import { renderProblems } from '@coxswain/constraints'
import { counted } from '@coxswain/kernel'
import { createTwoFilesPatch } from 'diff'
import { hasErrors, type CompileReport } from './compile.ts'
import type { Change } from './change.ts'

/** The report for agents and people: silent about what is in order, one closing line. */
export function renderCompile(report: CompileReport, options: { readonly diff: boolean }): string {
  const diff = options.diff ? report.changes.map(renderChange).join('') : ''
  const degraded = report.degradations
    .map((one) => `degraded ${one.target}: ${one.reason}${one.ids.length === 0 ? '' : ` (${namedIds(one.ids)})`}\n`)
    .join('')
  return `${diff}${renderProblems(report.problems)}${degraded}${options.diff ? '' : namedChanges(report)}${closingLine(report)}\n`
}

/** One change as a unified diff. */
export function renderChange(change: Change): string {
  const from = change.before === null ? '/dev/null' : `a/${change.path}`
  const to = change.after === null ? '/dev/null' : `b/${change.path}`
  return createTwoFilesPatch(from, to, change.before ?? '', change.after ?? '', undefined, undefined, { context: 2 })
}

const mostIds = 6

function namedIds(ids: readonly string[]): string {
  const rest = ids.length - mostIds
  return `${ids.slice(0, mostIds).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

const mostNamed = 12

/** Which files, in a line each: what was written without being asked for by name must not be a surprise. */
function namedChanges({ changes }: CompileReport): string {
  const lines = changes.slice(0, mostNamed).map((change) => `  ${fateOf(change)} ${change.path}\n`)
  const rest = changes.length - lines.length
  return `${lines.join('')}${rest > 0 ? `  and ${rest} more with --json\n` : ''}`
}

function fateOf({ before, after }: Change): string {
  return before === null ? 'new' : after === null ? 'gone' : 'changed'
}

function closingLine(report: CompileReport): string {
  if (report.isRefused) return 'nothing compiled: correct the errors above'
  return hasErrors(report) ? `${outcome(report)}; the errors above are left` : outcome(report)
}

function outcome(report: CompileReport): string {
  const count = report.changes.length
  const files = counted(count, 'file')
  const lines: Readonly<Record<CompileReport['mode'], string>> = {
    check:
      count === 0
        ? `compiled surfaces are current (${counted(report.outputs.length, 'file')})`
        : `${files} out of date: run \`cox compile\``,
    'dry-run': `would change ${files}`,
    remove: `removed generated text from ${files}`,
    write: count === 0 ? `nothing to change (${counted(report.outputs.length, 'file')})` : `changed ${files}`,
  }
  return lines[report.mode]
}
