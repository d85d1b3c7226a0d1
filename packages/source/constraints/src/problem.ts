/** What is wrong with one file: a value, so that one bad file never stops the rest. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** Stable, upper case: `FRONT_MATTER_KEY_UNKNOWN`. */
  readonly code: string
  /** Relative to the repository's root, with `/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
  /** The next step, as an imperative sentence. */
  readonly hint: string
}

export interface Place {
  readonly file: string
  readonly line: number
}

export function errorAt(place: Place, code: string, message: string, hint: string): Problem {
  return { severity: 'error', code, file: place.file, line: place.line, message, hint }
}

export function warningAt(place: Place, code: string, message: string, hint: string): Problem {
  return { ...errorAt(place, code, message, hint), severity: 'warning' }
}

/** Orders by file, line and code, so that output is the same on every machine. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => compareText(a.file, b.file) || a.line - b.line || compareText(a.code, b.code) || compareText(a.message, b.message),
  )
}

/** By code unit: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const mostAlike = 3

/** Every error, and of warnings that are alike only the first few: readers pay for each line. */
export function renderProblems(problems: readonly Problem[]): string {
  const warnings = [
    ...Map.groupBy(
      problems.filter((problem) => problem.severity === 'warning'),
      (problem) => problem.code,
    ).values(),
  ]
  const errors = problems.filter((problem) => problem.severity === 'error')
  return [...errors.map(renderProblem), ...warnings.map(renderAlike)].join('')
}

function renderAlike(alike: readonly Problem[]): string {
  const shown = alike.slice(0, mostAlike).map(renderProblem).join('')
  const rest = alike.length - mostAlike
  return rest > 0 ? `${shown}warning ${alike[0]?.code ?? ''}: ${rest} more with --json\n` : shown
}

function renderProblem(problem: Problem): string {
  return `${problem.severity} ${problem.code} ${problem.file}:${problem.line}\n  ${problem.message}\n  → ${problem.hint}\n`
}
