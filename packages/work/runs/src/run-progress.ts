import type { AgentFailure, TokenUsage } from '@coxswain/agents'
import type { GateResult, RunOutcome, RunState } from '@coxswain/model'

export type PromptSource =
  /** `words`: what a person said before the first turn. */
  | { readonly kind: 'task'; readonly reworkReason: string | null; readonly words?: string }
  | { readonly kind: 'gate-failure'; readonly result: GateResult; readonly afterMerge: boolean }
  | { readonly kind: 'conflict'; readonly paths: readonly string[]; readonly ourDiff: string; readonly theirDiff: string }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'continue'; readonly why: string }
  | { readonly kind: 'fresh'; readonly why: string }

export type Effect =
  /** `base` null: the tip of the landing branch. `tree` null: as the run left it, or the base's own. `then`: what follows. */
  | { readonly kind: 'prepare'; readonly base: string | null; readonly tree: string | null; readonly then: Effect }
  | { readonly kind: 'turn'; readonly prompt: PromptSource }
  | { readonly kind: 'check' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly then: Effect }
  | { readonly kind: 'land' }
  | { readonly kind: 'rest' }

export interface RunProgress {
  readonly state: RunState
  readonly outcome: RunOutcome | null
  readonly reason: string | null
  readonly next: Effect
  /** Counts the stretches between two moments at which a person must act. */
  readonly leg: number
  /** The commit the work grows from, and the commit that holds the work: they change together, or work on an old base would undo what landed since. */
  readonly base: string | null
  readonly head: string | null
  /** The tree of `head`. */
  readonly tree: string | null
  readonly landed: string | null
  /** The object that holds the harness file by which this leg is judged; null where the next start chooses, missing in a leg of before that. */
  readonly harness?: string | null
  /** Grows when the conversation starts anew: after a rework, an overflow or a crash without resume. */
  readonly session: number
  readonly resumeToken: string | null
  /** Grows when the agent's program is started anew after a failure. */
  readonly restarts: number
  readonly model: string | null
  readonly turns: number
  readonly gateFailures: number
  /** Repairs since a person last spoke. */
  readonly repairs: number
  readonly lastFailure: { readonly fingerprint: string; readonly times: number } | null
  readonly conflictPaths: readonly string[]
  readonly conflictRepairs: number
  readonly agentRetries: number
  /** The tree whose protected changes a person approved. */
  readonly approvedTree: string | null
  readonly mayLand: boolean
  /** The tree that a person let land, where the task may not by itself: other work needs another word. */
  readonly landsTree?: string | null
  /** The task may begin on a base that is red: it is what mends it. */
  readonly acceptsRedBase?: boolean
  /** What a pause or a budget kept from being done, where it is more than a turn: a resume does it. */
  readonly held?: Effect | null
  /** Why a person threw the last attempt away. */
  readonly reworkReason?: string | null
  /** The gate that is red on the base of a run that accepts it. */
  readonly redGate?: Pick<GateResult, 'gate' | 'excerpt'> | null
  readonly usage: TokenUsage
  readonly costUsd: number | null
  readonly activeMs: number
}

export interface Interruption {
  /** `shutdown`: our own process ended in an orderly way and took the agent's along. */
  readonly by: 'pause' | 'cancel' | 'rework' | 'budget' | 'shutdown'
  /** The person's words, the budget's breach, or what was stopped. */
  readonly text: string
}

/** Words of a person; the number is the intervention's. */
export interface Said {
  readonly id: number
  readonly text: string
}

/** What came of an effect. `spent` is what it cost. */
export type EffectOutcome = { readonly activeMs: number } & (
  | {
      readonly kind: 'prepared'
      readonly base: string
      readonly head: string
      readonly tree: string
      /** The object that holds the harness file of the base. */
      readonly harness?: string
      /** The gate that is red on the base alone; missing where the base was judged before. */
      readonly red?: GateResult | null
    }
  | { readonly kind: 'setup-failed'; readonly excerpt: string }
  | {
      readonly kind: 'turn-ended'
      readonly failure: AgentFailure | null
      /** Set when a person, a budget or the end of our process ended the turn. */
      readonly interruptedBy: Interruption | null
      readonly head: string
      readonly tree: string
      readonly isChanged: boolean
      readonly protectedPaths: readonly string[]
      /** What of the change alters what gates and set-up run: a sentence each, which names the path. */
      readonly proofChanges?: readonly string[]
      /** What of the change acts beyond its own file: a sentence each. */
      readonly reaches?: readonly string[]
      /** What the agent changed in the repository outside of its worktree: a sentence each. */
      readonly escaped?: readonly string[]
      /** Where nothing else changed: what git ignores and was written, and the line that says so. */
      readonly ignored?: readonly string[]
      /** Submodules with changes inside: they are in no tree of the run. */
      readonly outOfReach?: readonly string[]
      readonly usage: TokenUsage
      readonly costUsd: number | null
      readonly resumeToken: string | null
      readonly model: string | null
      readonly message: string
      /** Words of a person that reached no live turn. */
      readonly undelivered: readonly Said[]
    }
  /** `undelivered`: said while the gates ran, which all passed. */
  | { readonly kind: 'checked'; readonly results: readonly GateResult[]; readonly undelivered?: readonly Said[] }
  | { readonly kind: 'waited' }
  /** `unheard`: said while it landed, and too late. */
  | {
      readonly kind: 'landed'
      readonly commit: string
      readonly results: readonly GateResult[]
      readonly unheard?: readonly Said[]
      /** Why it is not signed, where the repository signs its commits. */
      readonly unsigned?: string
    }
  | {
      readonly kind: 'conflict'
      readonly main: string
      readonly tree: string
      readonly paths: readonly string[]
      readonly ourDiff: string
      readonly theirDiff: string
    }
  | { readonly kind: 'red'; readonly main: string; readonly tree: string; readonly result: GateResult }
  | {
      readonly kind: 'main-dirty'
      readonly paths: readonly string[]
      /** What the person has begun with git, and where. */
      readonly underWay?: { readonly what: string; readonly place: string }
    }
  /** The branch that was to be landed on is red without this change. */
  | { readonly kind: 'base-red'; readonly main: string; readonly result: GateResult }
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'interrupted'; readonly interruption: Interruption }
  | { readonly kind: 'failed'; readonly outcome: RunOutcome; readonly reason: string }
)
