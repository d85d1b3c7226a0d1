import type { Problem } from '@coxswain/constraints'
import type { RecordedInserts } from './manifest.ts'

/** One file as it is and as it should be; null means that it does not exist. */
export interface Change {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
  readonly mode?: number
}

/** What is to become of one path. */
export interface PathPlan {
  readonly path: string
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
  /** The checksum to record when the file is ours whole. */
  readonly sum: string | null
  /** What to record when pieces of ours stand in it. */
  readonly inserts?: RecordedInserts
}
