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

/** `stopping`: the one before was on its way out. `itself`: nobody ended anything that it needs, so it is a bug. */
export type FailureCause = 'killed' | 'database-killed' | 'stopping' | 'itself'

const longestStopMs = 60_000

export function explainFailure({ code, pid, from, to }: StartFailure, kills: readonly Kill[]): FailureCause {
  if (kills.some((kill) => kill.pid === pid && kill.at <= to)) return 'killed'
  const isStopping = kills.some(({ kind, at }) => kind === 'stop' && at >= from - longestStopMs && at <= to)
  if (code === 'DAEMON_RUNNING' && isStopping) return 'stopping'
  const meanwhile = kills.filter(({ at }) => at >= from && at <= to)
  return meanwhile.some(({ isOfDatabase }) => isOfDatabase) ? 'database-killed' : 'itself'
}
