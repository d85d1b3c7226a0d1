import type { Verdict } from './run-sabotages.ts'

/** One line. */
export function renderVerdict({ sabotage: { promise, breaks }, kind, detail, wallMs }: Verdict): string {
  const sentence = `${kind.padEnd(8)} ${promise.padEnd(8)} ${breaks}, ${(wallMs / 1000).toFixed(1)} s`
  return `${sentence}${kind === 'noticed' ? ` · ${detail}` : `\n            ${detail}`}`
}

export function renderSummary(verdicts: readonly Verdict[]): string {
  const count = (kind: Verdict['kind']): number => verdicts.filter((verdict) => verdict.kind === kind).length
  const of = [`${count('noticed')} noticed`, `${count('missed')} missed`, `${count('unusable')} unusable`]
  return `${verdicts.length} lines: ${of.join(', ')}`
}
