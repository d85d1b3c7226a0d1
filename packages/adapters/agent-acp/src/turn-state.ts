import { noUsage, type TokenUsage } from '@coxswain/agents'
import type { PromptAnswer, WireUsage } from './wire.ts'
import { quotaMeta } from './wire.ts'

/** What one turn has shown so far. ACP has no turn events: a turn is what comes before the answer to its prompt. */
export interface TurnState {
  usage: TokenUsage
  /** What the whole session has cost, before this turn and by now; null where that is not known. */
  readonly costBefore: number | null
  sessionCost: number | null
  contextTokens: number | null
  contextWindow: number | null
  /** The message under way, not yet told as a whole. */
  openMessage: string
  openMessageId: string | null
  lastMessage: string
  readonly tools: Map<string, ToolState>
}

export interface ToolState {
  readonly paths: Set<string>
  kind: string | null
  isDeclined: boolean
  hasStarted: boolean
  hasEnded: boolean
}

export function createTurnState(costBefore: number | null): TurnState {
  return {
    usage: noUsage,
    costBefore,
    sessionCost: null,
    contextTokens: null,
    contextWindow: null,
    openMessage: '',
    openMessageId: null,
    lastMessage: '',
    tools: new Map(),
  }
}

export function nextTurnState(before: TurnState): TurnState {
  return createTurnState(before.sessionCost ?? before.costBefore)
}

export function turnCost(state: TurnState): number | null {
  return state.sessionCost === null || state.costBefore === null ? null : state.sessionCost - state.costBefore
}

export function toolOf(state: TurnState, id: string): ToolState {
  const known = state.tools.get(id)
  if (known !== undefined) return known
  const created: ToolState = { paths: new Set(), kind: null, isDeclined: false, hasStarted: false, hasEnded: false }
  state.tools.set(id, created)
  return created
}

/** By class where the program says so; otherwise the totals that some put beside the standard. */
export function usageOfAnswer(answer: PromptAnswer): TokenUsage | null {
  if (answer.usage != null) return fromWire(answer.usage)
  const tokens = quotaMeta.safeParse(answer._meta).data?.quota.token_count
  return tokens == null ? null : { ...noUsage, input: tokens.input_tokens ?? 0, output: tokens.output_tokens ?? 0 }
}

export function modelOfAnswer(answer: PromptAnswer): string | null {
  return quotaMeta.safeParse(answer._meta).data?.quota.model_usage?.[0]?.model ?? null
}

function fromWire(usage: WireUsage): TokenUsage {
  return {
    input: usage.inputTokens ?? 0,
    cachedInput: usage.cachedReadTokens ?? 0,
    cacheWrite: usage.cachedWriteTokens ?? 0,
    output: usage.outputTokens ?? 0,
    reasoning: usage.thoughtTokens ?? 0,
  }
}
