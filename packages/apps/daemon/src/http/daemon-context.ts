import type { Repository } from '@coxswain/host'
import type { CoxError, Logger } from '@coxswain/kernel'
import type { WorktreePool } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import type { Connections } from '../connections.ts'
import type { Harnesses } from '../harnesses.ts'
import type { LiveConfig } from '../live-config.ts'
import type { RunControls } from '../run-controls.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Credential } from './credentials.ts'
import type { StateFolder } from '@coxswain/host'

/** What the HTTP routes work with. */
export interface DaemonContext {
  readonly repository: Repository
  readonly branch: string
  /** Why nothing can be asked of it but to tell what was. */
  readonly problem: CoxError | null
  readonly branchProblem: CoxError | null
  readonly config: LiveConfig
  readonly harnesses: Harnesses
  readonly folder: StateFolder
  /** What to know of a history that may be this repository's, while it has none of its own. */
  readonly former: string | null
  readonly store: Store
  readonly scheduler: Scheduler
  readonly pool: WorktreePool
  readonly controls: RunControls
  readonly credentials: readonly Credential[]
  readonly version: string
  readonly isEphemeral: boolean
  readonly startedAt: number
  readonly warnings: readonly string[]
  readonly connections: Connections
  readonly logger: Logger
  /** Asks the process to end itself. */
  readonly requestStop: () => void
  readonly now: () => number
  /** Aborts when the daemon stops: open streams end. */
  readonly stopping: AbortSignal
}
