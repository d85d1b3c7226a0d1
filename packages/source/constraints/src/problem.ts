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

export function renderProblems(problems: readonly Problem[]): string {
  return problems
    .map((problem) => {
      const place = `${problem.file}:${problem.line}`
      return `${problem.severity} ${problem.code} ${place}\n  ${problem.message}\n  → ${problem.hint}\n`
    })
    .join('')
}
