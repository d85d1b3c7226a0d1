import { rungKind, type Check, type Constraint, type Rung } from './constraint.ts'
import { isConstraintReference } from './cross-check.ts'

export interface ConstraintRow {
  readonly id: string
  readonly class: string
  readonly severity: string
  readonly rungs: readonly string[]
  readonly title: string
  readonly file: string
}

/** One row per constraint, for `list`. */
export function listConstraints(constraints: readonly Constraint[]): ConstraintRow[] {
  return constraints.map((constraint) => ({
    id: constraint.id,
    class: constraint.class,
    severity: constraint.severity,
    rungs: [...new Set(constraint.rungs.map(rungKind))],
    title: constraint.title,
    file: constraint.file,
  }))
}

export function renderConstraintRows(rows: readonly ConstraintRow[]): string {
  const width = Math.max(0, ...rows.map((row) => row.id.length))
  return rows
    .map((row) => `${row.id.padEnd(width)}  ${row.severity.padEnd(7)}  ${row.rungs.join('+').padEnd(10)}  ${row.title}\n`)
    .join('')
}

/** What an agent needs to keep the constraint: the decision, its cost, the way out, where it acts, what to read. */
export function explainConstraint(constraint: Constraint): string {
  const see = constraint.see.map((entry) => (isConstraintReference(entry) ? `harness/constraints/${entry}.md` : entry))
  const lines = [
    `${constraint.id} (${constraint.severity}): ${constraint.title}`,
    `why: ${oneParagraph(constraint.why)}`,
    `fix: ${oneParagraph(constraint.fix)}`,
    `where: ${constraint.scope.join(', ')}${constraint.except.length > 0 ? `, except ${constraint.except.join(', ')}` : ''}`,
    ...constraint.rungs.map((rung) => `acts: ${describeRung(rung)}`),
    ...(see.length > 0 ? [`read: ${see.join(', ')}`] : []),
    `owner: ${constraint.owner}`,
    `file: ${constraint.file}`,
  ]
  return `${lines.join('\n')}\n`
}

function describeRung(rung: Rung): string {
  if ('check' in rung) return `check, ${describeCheck(rung.check)}`
  if ('hook' in rung) return `hook ${rung.hook.on}: ${rung.hook.command.join(' ')}`
  if ('path' in rung) return `instruction in its scope: ${rung.path}`
  if ('skill' in rung) return `skill ${rung.skill}`
  if ('review' in rung) return `review by ${rung.review.role}: ${rung.review.text}`
  return `root instruction: ${rung.root}`
}

export function describeCheck(check: Check): string {
  if ('rule' in check)
    return `rule ${check.rule}${Object.keys(check.options).length > 0 ? ` ${JSON.stringify(check.options)}` : ''}`
  if ('command' in check) return `command ${check.command.join(' ')}`
  return 'pattern' in check ? `pattern ${check.pattern}` : `ast-grep rule ${JSON.stringify(check.match)}`
}

function oneParagraph(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
