import { createHash } from 'node:crypto'
import type { Sabotage, SabotageList } from './read-list.ts'

export interface Choice {
  /** A promise. */
  readonly only?: string | undefined
  readonly sample?: number | undefined
  readonly seed: number
}

/** The same seed takes the same lines; a sample takes none of a slow room. */
export function chooseSabotages({ sabotages, slow }: SabotageList, { only, sample, seed }: Choice): readonly Sabotage[] {
  const asked = only === undefined ? sabotages : sabotages.filter(({ promise }) => promise === only)
  if (sample === undefined) return asked
  const fast = asked.filter(
    ({ file, tests = [] }) => ![file, ...tests].some((path) => slow.some((room) => path.startsWith(room))),
  )
  const rank = ({ promise, from, to }: Sabotage): string =>
    createHash('sha256')
      .update(JSON.stringify([seed, promise, from, to]))
      .digest('hex')
  return fast.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1)).slice(0, sample)
}
