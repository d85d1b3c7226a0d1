import type { Duration, Instant } from '@coxswain/kernel'

/** Why a turn did not complete, in terms that a policy can act on. */
export const agentFailureKinds = [
  'rate-limited', // too many requests now; passes by itself
  'usage-limit', // plan or credit exhausted until `resetAt` or until someone pays
  'auth', // credentials missing, wrong or expired
  'context-overflow', // the conversation no longer fits the model's window
  'output-limit', // the model's answer was cut at its maximum
  'turn-limit', // the turn was cut off before its end, at a limit or by the program itself
  'overloaded', // the vendor answers 5xx
  'unreachable', // no connection to the vendor
  'stream-cut', // the connection broke in the middle of an answer
  'stalled', // no event for longer than the watchdog allows
  'refused', // the model declined the task
  'invalid-request', // the vendor rejects what we or the config asked for (model name, parameters)
  'crashed', // the agent program ended without a terminal event
  'protocol', // the agent program spoke something we do not understand
  'not-installed', // the program is not there
  'incompatible', // the program is there in a version or a set-up that cannot work
] as const

export type AgentFailureKind = (typeof agentFailureKinds)[number]

export interface AgentFailure {
  readonly kind: AgentFailureKind
  /** The vendor's own words, redacted, at most 2,000 characters. */
  readonly message: string
  /** The vendor's code, where it has one. */
  readonly code: string | null
  readonly retryAfter: Duration | null
  readonly resetAt: Instant | null
}
