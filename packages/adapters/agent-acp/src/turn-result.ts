import type { AgentFailure, TurnResult } from '@coxswain/agents'
import { assertNever, isCoxError } from '@coxswain/kernel'
import { classifyFailure, plainFailure } from './classify-failure.ts'
import type { KnownAgent } from './known-agents.ts'
import { modelOfAnswer, turnCost, type TurnState } from './turn-state.ts'
import { promptAnswer, sessionFailureMeta, type PromptAnswer } from './wire.ts'

/** How a prompt ended. */
export type PromptEnd =
  | { readonly kind: 'answer'; readonly answer: PromptAnswer }
  | { readonly kind: 'error'; readonly error: unknown }
  /** The program has exited without an answer. */
  | { readonly kind: 'exited'; readonly detail: string }
  | { readonly kind: 'stalled'; readonly detail: string }
  | { readonly kind: 'interrupted' }

export function endOfAnswer(value: unknown): PromptEnd {
  const parsed = promptAnswer.safeParse(value)
  if (parsed.success) return { kind: 'answer', answer: parsed.data }
  return {
    kind: 'error',
    error: new Error(`the answer to the prompt has no stop reason: ${JSON.stringify(value)?.slice(0, 500)}`),
  }
}

export interface ResultContext {
  readonly state: TurnState
  readonly agent: KnownAgent
  /** The one that was asked for. */
  readonly model: string | null
}

export function turnResult(end: PromptEnd, { state, agent, model }: ResultContext): TurnResult {
  const base = { usage: state.usage, costUsd: turnCost(state), model, message: state.lastMessage, failure: null }
  switch (end.kind) {
    case 'interrupted':
      return { ...base, status: 'interrupted' }
    case 'exited':
      return failed(base, plainFailure('crashed', `The agent's program ended in the middle of a turn: ${end.detail}`))
    case 'stalled':
      return failed(base, plainFailure('stalled', end.detail))
    case 'error':
      return failed(base, failureOfError(end.error))
    case 'answer':
      return { ...resultOfAnswer(end.answer, base, agent), model: modelOfAnswer(end.answer) ?? model }
    default:
      return assertNever(end)
  }
}

type Base = Omit<TurnResult, 'status'>

function failed(base: Base, failure: AgentFailure): TurnResult {
  return { ...base, status: 'failed', failure }
}

export function failureOfError(error: unknown): AgentFailure {
  if (!isCoxError(error, 'RPC_ERROR')) return plainFailure('protocol', error instanceof Error ? error.message : String(error))
  const code = typeof error.data['code'] === 'number' ? error.data['code'] : null
  return classifyFailure({ message: error.message, code, data: error.data['data'] })
}

const maxTokensWords: Readonly<Record<KnownAgent['maxTokens'], string>> = {
  'output-limit': "The model's answer was cut at its maximum",
  'context-overflow': "The conversation no longer fits the model's window",
}

function resultOfAnswer(answer: PromptAnswer, base: Base, agent: KnownAgent): TurnResult {
  const failure = sessionFailureMeta.safeParse(answer._meta).data?.jetbrains.air.sessionFailure
  if (failure != null && failure.severity !== 'warning') {
    return failed(
      base,
      classifyFailure({ message: failure.title ?? 'the agent reports a failure', category: failure.category ?? null }),
    )
  }
  switch (answer.stopReason) {
    case 'cancelled':
      return { ...base, status: 'interrupted' }
    case 'max_tokens':
      return failed(base, plainFailure(agent.maxTokens, maxTokensWords[agent.maxTokens]))
    case 'refusal':
      return failed(base, plainFailure('refused', base.message || 'The model declined'))
    case 'end_turn':
      return { ...base, status: 'completed' }
    case 'max_turn_requests':
      return failed(base, plainFailure('turn-limit', 'Its turn was cut off at the number of requests that it may make'))
    default:
      // What is not known to be the end of the work counts as none.
      return failed(base, plainFailure('turn-limit', `Its turn ended for the reason "${answer.stopReason.slice(0, 100)}"`))
  }
}
