import type { Clock, Duration, Logger } from '@coxswain/kernel'
import type { AgentEvent, ApprovalDecision, ApprovalRequest } from './event.ts'
import type { AgentFailure } from './failure.ts'
import type { TokenUsage } from './usage.ts'

/** One exchangeable agent program. Swapping one is one line of configuration. */
export interface AgentBackend {
  /** `codex`, `claude`, `acp:<command line>`, `rewriter`. */
  readonly name: string
  readonly capabilities: AgentCapabilities
  /** What is installed, logged in and sandboxed; never throws for a missing program. */
  probe(options: ProbeOptions): Promise<AgentProbe>
  /**
   * Starts the program, or attaches to the live one of the same `key` after a crash of ours.
   * @throws CoxError AGENT_NOT_INSTALLED, AGENT_INCOMPATIBLE, AGENT_START_FAILED; AGENT_RESUME_FAILED when the program does not know the
   * conversation of `resumeToken`: only a new one helps
   */
  openSession(options: SessionOptions): Promise<AgentSession>
}

export interface AgentCapabilities {
  readonly steer: boolean
  readonly resume: boolean
  readonly approvals: boolean
  /** False when the backend runs inside our process and restarts its turn instead. */
  readonly reattach: boolean
  readonly ownSandbox: boolean
  readonly usage: 'by-class' | 'total' | 'none'
  readonly cost: boolean
}

export interface ProbeOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Where a program may be started to see whether it answers, no turn asked; absent: it is not started. */
  readonly trial?: ProbeTrial
}

export interface ProbeTrial {
  /** Private and empty; whoever asks removes it. */
  readonly folder: string
  /** Where a run would start it, or a folder with the same files. */
  readonly cwd: string
  /** As that of a session. */
  readonly environment: Readonly<Record<string, string>>
}

/** What a program that was started says of itself. */
export interface AgentIntroduction {
  readonly name: string | null
  readonly version: string | null
  /** Ways to log in that it offers. */
  readonly logins: readonly string[]
}

export interface AgentProbe {
  readonly program: string | null
  readonly version: string | null
  readonly login: 'yes' | 'no' | 'unknown'
  readonly sandbox: Containment
  /** Of a program that a trial started and that answered. */
  readonly introduction?: AgentIntroduction
  /** Empty when the backend is ready; otherwise sentences that say what to do. */
  readonly problems: readonly string[]
}

/** What contains a program: `own` is its own sandbox, `namespaces` our own starter where there is no bubblewrap, `landlock` and `seatbelt` are partial. */
export type Containment = 'own' | 'bubblewrap' | 'namespaces' | 'landlock' | 'seatbelt' | 'none'

export interface SessionOptions {
  /** Stable across restarts: the same key finds the same process, live or exited. A new process (after a crash, or to resume) takes a new key. */
  readonly key: string
  /** Private to this run, survives restarts: home, temp, logs, the vendor's record of the conversation. Created by the caller; kept for a resume. */
  readonly stateDir: string
  readonly worktree: string
  /** A private git folder (`refreshPrivateGit` of host) for the program's commands, brought up to date by the caller before each turn; absent: git is there to be read. */
  readonly git?: string
  readonly model: string | null
  /** Standing instructions beside the repository's own files. */
  readonly instructions: string | null
  /** The vendor's conversation to continue, from `AgentSession.resumeToken`. */
  readonly resumeToken: string | null
  /** Scrubbed base environment (PATH, LANG …) plus what the configuration lets through. */
  readonly environment: Readonly<Record<string, string>>
  readonly network: 'full' | 'proxied' | 'none'
  readonly clock: Clock
  readonly logger: Logger
  /**
   * `position` grows and is the same for the same event after a re-attach, which tells everything again from the first event on:
   * a receiver that keeps the last position drops what it has stored already.
   */
  readonly onEvent: (event: AgentEvent, position: number) => void
  readonly approve: (request: ApprovalRequest) => Promise<ApprovalDecision>
  readonly signal: AbortSignal
}

export interface TurnRequest {
  /** Stable across restarts: a turn that is already under way or finished in the live session is joined, not repeated. */
  readonly key: string
  readonly prompt: string
  /** Ends the turn as `stalled` after this long without any event. */
  readonly idleLimit: Duration
  /** Aborting interrupts the turn. */
  readonly signal: AbortSignal
}

export interface TurnResult {
  readonly status: 'completed' | 'interrupted' | 'failed'
  /** Present exactly when `status` is `failed`. */
  readonly failure: AgentFailure | null
  readonly usage: TokenUsage
  readonly costUsd: number | null
  /** The model that answered, where the vendor says so. */
  readonly model: string | null
  /** The agent's last message: shown to people, never believed. */
  readonly message: string
}

export interface AgentSession {
  /** Null until the vendor has named the conversation. */
  readonly resumeToken: string | null
  /** What contains this process: shown at start and in the run's record. */
  readonly sandbox: Containment
  turn(request: TurnRequest): Promise<TurnResult>
  /** Adds a person's words to the live turn. False when there is no turn to steer or the backend cannot. */
  steer(text: string): Promise<boolean>
  interrupt(): Promise<void>
  /** Lets go without ending the program: another worker or a restarted daemon will attach. */
  detach(): Promise<void>
  /** Ends the program and everything it started; verified. Returns the pids that had to be killed outside its group. */
  close(): Promise<CloseReport>
}

export interface CloseReport {
  readonly stragglers: readonly number[]
}
