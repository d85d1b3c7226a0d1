import { z } from 'zod'
import { Budget } from './budget.ts'
import { CommitId, RunId, TaskId } from './ids.ts'

/** Where a run stands. The transitions head `packages/work/runs/src/run-machine.ts`. */
export const runStates = [
  'queued',
  'preparing',
  'working',
  'checking',
  'waiting', // for a vendor's limit to reset or a retry
  'awaiting-approval',
  'landing',
  'paused',
  'blocked',
  'landed',
  'stopped',
  'cancelled',
] as const
export type RunState = (typeof runStates)[number]

/** Stable codes for scripts and agents: why the run is where it is. Null while it is going on. */
export const runOutcomes = [
  'landed',
  'awaiting-approval',
  'no-change',
  'blocked', // a person must answer: repeated failure, question, refusal
  'protected-path',
  'escaped', // the repository was changed outside of the worktree of an agent that nothing contains
  'conflict',
  'main-dirty',
  'branch-moved', // a person went on from the run's branch, or has it checked out
  'work-missing', // its commits are not in this repository
  'base-red', // a gate fails on the branch itself
  'budget-exceeded',
  'stalled',
  'turn-limit', // the agent's turn was cut off before its end
  'still-alive', // processes of the run could not be ended
  'crashed',
  'auth',
  'usage-limit',
  'rate-limited',
  'context-overflow',
  'refused',
  'unreachable',
  'agent-unavailable',
  'agent-failed',
  'setup-failed',
  'harness-error', // Coxswain itself could not go on: disk, git, database
  'gate-unusable', // a gate's command cannot be started
  'paused',
  'cancelled',
] as const
export type RunOutcome = (typeof runOutcomes)[number]

export const TokenTotals = z.object({
  input: z.number(),
  cachedInput: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
})
export type TokenTotals = z.infer<typeof TokenTotals>

export const Run = z.object({
  id: RunId,
  task: TaskId,
  agent: z.string(),
  model: z.string().nullable(),
  state: z.enum(runStates),
  outcome: z.enum(runOutcomes).nullable(),
  /** One or two sentences for a person; the question when blocked. */
  reason: z.string().nullable(),
  branch: z.string(),
  /** The branch that its work grows from and lands on, fixed when it was added; null for one that was added before that was recorded. */
  target: z.string().nullable().default(null),
  base: CommitId.nullable(),
  head: CommitId.nullable(),
  /** The commit on main, once landed. */
  landed: CommitId.nullable(),
  turns: z.number().int(),
  gateFailures: z.number().int(),
  tokens: TokenTotals,
  /** Null when no price is known for any part of it. */
  costUsd: z.number().nullable(),
  budget: Budget,
  mayLand: z.boolean(),
  /** Milliseconds of wall clock while active. */
  activeMs: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type Run = z.infer<typeof Run>

const restingStates: ReadonlySet<RunState> = new Set(['awaiting-approval', 'paused', 'blocked', 'landed', 'stopped', 'cancelled'])

/** True when nothing happens until a person acts. */
export function isAtRest(state: RunState): boolean {
  return restingStates.has(state)
}

/** True when the run has ended for good. */
export function isEnded(state: RunState): boolean {
  return state === 'landed' || state === 'stopped' || state === 'cancelled'
}
