import type { Kill } from './killer.ts'

/** A `cox up -d` that did not lead to a daemon. */
export interface StartFailure {
  readonly code: string
  readonly message: string
  /** The process that was to become the daemon, where the error names it. */
  readonly pid: number | null
  /** When `cox up -d` began and ended, by the clock of the kills. */
  readonly from: number
  readonly to: number
}

/** `itself`: nobody killed anything that it needs, so it is a bug. */
export type FailureCause = 'killed' | 'database-killed' | 'itself'

export function explainFailure({ pid, from, to }: StartFailure, kills: readonly Kill[]): FailureCause {
  if (kills.some((kill) => kill.pid === pid && kill.at <= to)) return 'killed'
  const meanwhile = kills.filter(({ at }) => at >= from && at <= to)
  return meanwhile.some(({ isOfDatabase }) => isOfDatabase) ? 'database-killed' : 'itself'
}
