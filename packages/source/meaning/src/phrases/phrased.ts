import type { LinterRow, Meaning, Phrased } from './meaning.ts'

export type Look = Readonly<Record<string, unknown>>

interface PhrasedRow {
  readonly id: string
  readonly token: string
  readonly look: Look | null
  readonly bad: string
  readonly good: string
  readonly linters?: readonly LinterRow[]
  readonly forbids?: readonly string[]
  readonly demands?: readonly string[]
  readonly about?: Meaning['about']
}

/** A row of the table, with what most rows leave out. */
export function phrased({
  id,
  token,
  look,
  bad,
  good,
  linters = [],
  forbids = [],
  demands = [],
  about = 'any',
}: PhrasedRow): Phrased {
  const check = look === null ? null : ({ kind: 'pattern', look } as const)
  return { meaning: { id, token, about, check, bad, good, linters }, forbids, demands }
}
