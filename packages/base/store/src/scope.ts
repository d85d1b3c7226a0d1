import { RunId, TaskId } from '@coxswain/model'
import type { Clock, Logger } from '@coxswain/kernel'
import type { Database } from './database/database.ts'
import type { Claim } from './claim.ts'
import type { Listener } from './listen/listener.ts'

/** What every part of one repository's store works with. */
export interface Scope {
  readonly database: Database
  readonly listener: Listener
  readonly repository: string
  readonly workerId: string
  /** Under which writes count: null for what nobody needs to hold. */
  readonly claim: Claim | null
  readonly clock: Clock
  readonly logger: Logger
}

export function numberOf(id: TaskId | RunId): number {
  return Number(id.slice(1))
}

export function taskId(number: number): TaskId {
  return TaskId.parse(`t${number}`)
}

export function runId(number: number): RunId {
  return RunId.parse(`r${number}`)
}
