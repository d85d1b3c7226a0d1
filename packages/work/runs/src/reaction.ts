import type { AgentFailure, AgentFailureKind } from '@coxswain/agents'
import type { RunOutcome } from '@coxswain/model'

/** `continue` resumes the same conversation, `fresh` starts a new one on the same worktree. */
export type Reaction =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'continue' }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'block'; readonly outcome: RunOutcome; readonly reason: string }

interface Policy {
  readonly first: 'wait' | 'continue' | 'fresh' | 'block'
  /** How often the reaction is tried at most; the configured limit may be lower. */
  readonly tries: number
  readonly outcome: RunOutcome
  readonly advice: string
}

const policies: Readonly<Record<AgentFailureKind, Policy>> = {
  'rate-limited': { first: 'wait', tries: Infinity, outcome: 'rate-limited', advice: 'Resume later, or lower `concurrency`.' },
  'usage-limit': {
    first: 'wait',
    tries: Infinity,
    outcome: 'usage-limit',
    advice: 'Resume when the plan has room again, or choose another agent.',
  },
  overloaded: { first: 'wait', tries: Infinity, outcome: 'unreachable', advice: 'Resume when the vendor has recovered.' },
  unreachable: {
    first: 'wait',
    tries: Infinity,
    outcome: 'unreachable',
    advice: "Check the network and the agent's base URL, then resume.",
  },
  'stream-cut': { first: 'wait', tries: Infinity, outcome: 'unreachable', advice: 'Check the network, then resume.' },
  'output-limit': { first: 'continue', tries: 2, outcome: 'agent-failed', advice: 'Split the task.' },
  'turn-limit': {
    first: 'continue',
    tries: 1,
    outcome: 'turn-limit',
    advice:
      "What it did so far is on the run's branch. Should it go on? Give it another turn with `cox resume`, say what to do with `cox say`, or split the task.",
  },
  'context-overflow': { first: 'fresh', tries: 1, outcome: 'context-overflow', advice: 'Split the task, or name its package.' },
  stalled: { first: 'continue', tries: 1, outcome: 'stalled', advice: 'Look at `cox logs`, then resume or rework.' },
  crashed: { first: 'continue', tries: 2, outcome: 'crashed', advice: 'Look at `cox logs` and `cox doctor`, then resume.' },
  protocol: { first: 'continue', tries: 1, outcome: 'crashed', advice: "Check the agent's version with `cox doctor`." },
  auth: {
    first: 'block',
    tries: 0,
    outcome: 'auth',
    advice: 'Log in to the agent program, or let its key through with `agents.<name>.env`; then resume.',
  },
  refused: { first: 'block', tries: 0, outcome: 'refused', advice: 'Reword the task with `cox rework --reason`.' },
  'invalid-request': {
    first: 'block',
    tries: 0,
    outcome: 'agent-failed',
    advice: "Check the model's name and the agent's settings; then resume.",
  },
  'not-installed': { first: 'block', tries: 0, outcome: 'agent-unavailable', advice: 'Run `cox doctor`; then resume.' },
  incompatible: { first: 'block', tries: 0, outcome: 'agent-unavailable', advice: 'Run `cox doctor`; then resume.' },
}

/** Failures of the turn alone: its program and the conversation stand as they were. */
export function isStanding({ kind }: Pick<AgentFailure, 'kind'>): boolean {
  return kind === 'turn-limit'
}

/** What to do after a failed turn: pure, so that a repeated step reacts the same. */
export function reactTo(
  failure: AgentFailure,
  past: { readonly retries: number; readonly limit: number; readonly nowMs: number },
): Reaction {
  const policy = policies[failure.kind]
  const block: Reaction = { kind: 'block', outcome: policy.outcome, reason: `${sentence(failure)} ${policy.advice}` }
  // The vendor no longer knows the conversation: only a new one helps.
  if (failure.code === 'AGENT_RESUME_FAILED' && past.retries < past.limit) return { kind: 'fresh' }
  if (policy.first === 'block' || past.retries >= Math.min(policy.tries, past.limit)) return block
  if (policy.first !== 'wait') return { kind: policy.first }
  if (failure.kind === 'usage-limit' && failure.resetAt === null) return block
  return { kind: 'wait', untilMs: failure.resetAt ?? past.nowMs + (failure.retryAfter ?? backOffMs(past.retries)) }
}

/** 2 s, 4 s, 8 s … at most 5 min. */
function backOffMs(retries: number): number {
  return Math.min(2_000 * 2 ** retries, 300_000)
}

function sentence(failure: AgentFailure): string {
  const words = failure.message.slice(0, 500).trim()
  return `The agent failed (${failure.kind}): ${words}${/[.!?]$/.test(words) ? '' : '.'}`
}
