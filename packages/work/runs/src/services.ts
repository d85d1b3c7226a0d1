import type { AgentBackend, AgentEvent, AgentSession, TokenUsage } from '@coxswain/agents'
import type { Git, Repository } from '@coxswain/host'
import type { Clock, Logger } from '@coxswain/kernel'
import type { Gate, GateResult, HarnessConfig, Run, RunEvent, RunId, RunState, Task } from '@coxswain/model'
import type { BaseJudgements } from './judge-base.ts'
import type { EffectOutcome, Interruption, RunProgress, Said } from './run-progress.ts'
import type { WorktreePool } from './worktree-pool.ts'

/** What the daemon hands to runs: everything outside this room that a run needs. */
export interface RunServices {
  readonly repository: Repository
  /** `<state>/runs`: one folder per run. */
  readonly runsDir: string
  /** The harness that the run is judged by. */
  readonly config: HarnessConfig
  /** Whether an agent's commands can write outside of its worktree. */
  readonly isContained: boolean
  readonly harnesses: {
    /** The object that holds the harness file of a commit; where the commit has none, what the checkout holds at this moment. */
    find(commit: string): Promise<string>
    /** @throws CoxError CONFIG_INVALID, HARNESS_LOST */
    read(object: string): Promise<HarnessConfig>
  }
  /** The same, for another harness. @throws CoxError SANDBOX_MISSING */
  under(config: HarnessConfig): Promise<RunServices>
  readonly branch: string
  readonly pool: WorktreePool
  readonly hold: Hold
  readonly journal: RunJournal
  readonly gates: GateServices
  readonly baseJudgements: BaseJudgements
  backend(name: string): AgentBackend
  /** Environment of an agent: scrubbed, with what the configuration lets through. */
  agentEnvironment(name: string): Readonly<Record<string, string>>
  /** Opens the door by which the agent of a run may ask about it, and says in variables where it is. */
  openDoor(run: RunId, sessionDir: string): Promise<Readonly<Record<string, string>>>
  /** Takes what is mended of a rule out of the baseline of a working tree; where there is none, nothing happens. */
  shrinkBaseline(place: { readonly worktree: string; readonly rule: string; readonly signal: AbortSignal }): Promise<void>
  land(request: LandRequest): Promise<LandOutcome>
  control(run: RunId): RunControl
  readonly sessions: Map<string, AgentSession>
  readonly places: Places
  readonly clock: Clock
  readonly logger: Logger
}

/** How many agents work at the same time is the daemon's to say; a run asks for its place and gives it back. */
export interface Places {
  /** True when the run has one now. */
  tryTake(run: RunId): boolean
  /** Waits for one, before those that have not begun. @throws the signal's reason */
  take(run: RunId, signal: AbortSignal): Promise<void>
  give(run: RunId): void
}

/** How trees are judged; what a gate sees is the tree with what set-up makes from it, and nothing else. */
export interface GateServices {
  judge(request: JudgeRequest & { readonly gates: readonly Gate[] }): Promise<Judgement>
  /** Makes an agent's worktree hold what set-up makes, and nothing of earlier runs; null, or why set-up failed. */
  readyWorktree(
    request: JudgeRequest & {
      readonly git: Git
      /** A file beside the worktree, for what is known of it. */
      readonly record: string
    },
  ): Promise<string | null>
  havePassed(gates: readonly Gate[], tree: string): Promise<boolean>
  /** Names gate and set-up. */
  definitionOf(gate: Gate): string
  /** The tree is on the landing branch by now. */
  landed(tree: string): Promise<void>
}

export interface JudgeRequest {
  readonly tree: string
  /** Holds the tree; HEAD while gates run. */
  readonly commit: string
  /** The commit of the landing branch that it grows from, or itself. */
  readonly base: string
  /** A folder of this step's own: what runs there is joined when the step is repeated. */
  readonly dir: string
  readonly notice: (text: string) => Promise<void>
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

export type Judgement =
  | { readonly kind: 'judged'; readonly results: readonly GateResult[] }
  | { readonly kind: 'set-up-failed'; readonly why: string }

/** This worker's right to act for the run: without it nothing is started, written, landed or spent. */
export interface Hold {
  /** Aborts with CoxError CLAIM_LOST when the run was taken over, and before it can be. */
  readonly lost: AbortSignal
  /** To be asked before each deed: by the clock, so that a process that stood still knows it at once. @throws CoxError CLAIM_LOST */
  check(): void
  /** What is done under the hold; the run is not taken up anew while it lasts. */
  during<T>(deed: () => Promise<T>): Promise<T>
}

export interface RunRecord {
  readonly run: Run
  readonly task: Task
  readonly progress: RunProgress
}

/** Where runs are written down; each write is done once per key, however often it is repeated. */
export interface RunJournal {
  load(run: RunId): Promise<RunRecord>
  /** Stores new progress and its event in one transaction; a repeated key returns what was stored the first time. */
  record(change: {
    readonly run: RunId
    /** The state that the effect began in. */
    readonly from: RunState
    readonly progress: RunProgress
    readonly event: RunEvent
    readonly key: string
    readonly consumed: readonly number[]
  }): Promise<RunProgress>
  /** `program` names one start of the agent's program; positions grow within it. */
  agentEvents(run: RunId, program: string, events: readonly PlacedEvent[]): Promise<void>
  /** The last position stored for a program; 0 before the first. */
  lastPosition(run: RunId, program: string): Promise<number>
  usage(
    run: RunId,
    turnKey: string,
    spent: { readonly usage: TokenUsage; readonly costUsd: number | null; readonly model: string | null },
  ): Promise<void>
  /** What a person should know while the run goes on. */
  notice(run: RunId, text: string): Promise<void>
  /** Our process ends in an orderly way in the middle of the effect of this key. */
  suspended(run: RunId, effectKey: string): Promise<void>
  /** Whether an earlier life of ours ended so in the middle of this effect. */
  wasSuspended(run: RunId, effectKey: string): Promise<boolean>
  /** A person's words reached the live turn. */
  delivered(run: RunId, intervention: number): Promise<void>
  /** What everything in this repository has spent today. */
  spentToday(): Promise<{ readonly tokens: number; readonly usd: number }>
}

export interface PlacedEvent {
  readonly event: AgentEvent
  readonly position: number
}

/** A live run's ear for people: what they say stays pending until it is consumed, also over a restart. */
export interface RunControl {
  /** Aborts with an `InterruptionRequest` as its reason. */
  readonly signal: AbortSignal
  pendingMessages(): readonly Said[]
  /** The message reached the live turn. */
  markDelivered(id: number): void
  onMessage(listener: (message: Said) => void): () => void
  close(): void
}

export interface InterruptionRequest {
  readonly intervention: number
  readonly interruption: Interruption
}

export interface LandRequest {
  readonly run: RunId
  readonly base: string
  readonly head: string
  /** The branch it lands on. */
  readonly target: string
  readonly message: string
  readonly touchesBaseline: boolean
  readonly signal: AbortSignal
  /** Gates on a merged tree, which grows from a commit of the branch and is judged by its harness. */
  check(tree: string, commit: string, base: string): Promise<readonly GateResult[]>
}

export type LandOutcome = Extract<
  DistributiveOmit<EffectOutcome, 'activeMs'>,
  { kind: 'landed' | 'conflict' | 'red' | 'main-dirty' | 'nothing-left' | 'failed' }
>

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** An outcome before the time it took is known. */
export type UntimedOutcome = DistributiveOmit<EffectOutcome, 'activeMs'>
