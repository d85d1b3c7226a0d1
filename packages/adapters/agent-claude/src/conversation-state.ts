import { addUsage, noUsage, type AgentEvent, type RateLimitWindow, type TokenUsage } from '@coxswain/agents'
import { instant, redact, type Instant } from '@coxswain/kernel'
import type { z } from 'zod'
import { toolEnd, toolStart, type ToolUse } from './map-tool.ts'
import { kindOfId } from './turn-id.ts'
import * as wire from './wire.ts'

/** All that Claude has told in one process; rebuilt from the first line after a re-attach. */
export interface ConversationState {
  readonly worktree: string
  model: string | null
  readonly turns: Map<string, TurnState>
  /** The turn that Claude works on. */
  liveTurn: TurnState | null
  /** Words that came too late for an answer: Claude answers them by another, which belongs to the same turn. */
  readonly queuedSteers: Set<string>
  readonly toolUses: Map<string, ToolUse>
  readonly rateLimits: Map<string, RateLimitWindow>
  usedUpUntil: Instant | null
  /** Set while Claude says nothing but that it tries again. */
  lastRetry: wire.ApiRetry | null
}

export interface TurnState {
  readonly id: string
  readonly finished: PromiseWithResolvers<void>
  result: wire.ClaudeResult | null
  errorCode: string | null
  /** Final once the result has told it; before that, what the calls so far have told. */
  usage: TokenUsage
  usageOfResults: TokenUsage
  callUsage: TokenUsage
  costUsd: number
  message: string
  contextTokens: number | null
}

export function createConversationState(worktree: string): ConversationState {
  return {
    worktree,
    model: null,
    turns: new Map(),
    liveTurn: null,
    queuedSteers: new Set(),
    toolUses: new Map(),
    rateLimits: new Map(),
    usedUpUntil: null,
    lastRetry: null,
  }
}

export function turnOf(state: ConversationState, id: string): TurnState {
  const known = state.turns.get(id)
  if (known !== undefined) return known
  const created: TurnState = {
    id,
    finished: Promise.withResolvers(),
    result: null,
    errorCode: null,
    usage: noUsage,
    usageOfResults: noUsage,
    callUsage: noUsage,
    costUsd: 0,
    message: '',
    contextTokens: null,
  }
  state.turns.set(id, created)
  return created
}

/** Takes one message into the state and says what it means to the outside. Throws when it has not the promised shape. */
export function noteMessage(state: ConversationState, message: Readonly<Record<string, unknown>>): readonly AgentEvent[] {
  const { type, subtype } = message
  const name = type === 'system' ? `system/${String(subtype)}` : String(type)
  return handlers[name]?.(state, message) ?? []
}

/** True for what shows that the turn gets on: neither retries nor housekeeping. */
export function isProgress(message: Readonly<Record<string, unknown>>): boolean {
  return typeof message['type'] === 'string' && progress.has(message['type'])
}

const progress: ReadonlySet<string> = new Set(['stream_event', 'assistant', 'user', 'result', 'control_request'])

type Handler = (state: ConversationState, message: unknown) => AgentEvent[]

function on<S extends z.ZodType>(schema: S, handle: (state: ConversationState, message: z.output<S>) => AgentEvent[]): Handler {
  return (state, message) => handle(state, schema.parse(message))
}

const handlers: Readonly<Record<string, Handler>> = {
  'system/init': on(wire.initSchema, (state, { model }) => {
    state.model = model ?? state.model
    return []
  }),
  'system/api_retry': on(wire.retrySchema, (state, retry) => {
    state.lastRetry = retry
    const attempt = `attempt ${retry.attempt ?? '?'} of ${retry.max_retries ?? '?'}`
    return [{ type: 'retry', message: `${retry.error ?? 'error'} ${retry.error_status ?? ''}, ${attempt}`.replace(' ,', ',') }]
  }),
  command_lifecycle: on(wire.lifecycleSchema, (state, { command_uuid, state: word }) => {
    const kind = kindOfId(command_uuid)
    if (kind === 'turn' && word === 'started') state.liveTurn = turnOf(state, command_uuid)
    if (kind === 'steer' && word === 'queued') state.queuedSteers.add(command_uuid)
    if (kind === 'steer' && (word === 'completed' || word === 'cancelled')) settleSteer(state, command_uuid)
    return []
  }),
  stream_event: on(wire.streamEventSchema, noteStream),
  assistant: on(wire.assistantSchema, noteAssistant),
  user: on(wire.userSchema, noteUser),
  result: on(wire.resultSchema, noteResult),
  rate_limit_event: on(wire.rateLimitSchema, (state, { rate_limit_info }) => noteRateLimit(state, rate_limit_info)),
}

function noteStream(
  state: ConversationState,
  { event, parent_tool_use_id }: z.output<typeof wire.streamEventSchema>,
): AgentEvent[] {
  state.lastRetry = null
  const turn = state.liveTurn
  if (event.type === 'content_block_delta' && event.delta?.type === 'text_delta')
    return parent_tool_use_id == null ? [{ type: 'message-delta', text: redact(event.delta.text ?? '') }] : []
  if (turn === null) return []
  if (event.type === 'message_start' && event.message?.usage != null) {
    const usage = event.message.usage
    turn.callUsage = {
      input: usage.input_tokens,
      cachedInput: usage.cache_read_input_tokens,
      cacheWrite: usage.cache_creation_input_tokens,
      output: 0,
      reasoning: 0,
    }
    turn.contextTokens = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
  }
  if (event.type !== 'message_delta' || event.usage == null) return []
  turn.usage = addUsage(turn.usage, { ...turn.callUsage, output: event.usage.output_tokens })
  return [{ type: 'usage', turn: turn.usage, costUsd: null, contextTokens: turn.contextTokens, contextWindow: null }]
}

function noteAssistant(state: ConversationState, message: z.output<typeof wire.assistantSchema>): AgentEvent[] {
  if (message.error != null && state.liveTurn !== null) state.liveTurn.errorCode = message.error
  if (message.error != null || message.is_api_error_message === true) return []
  return message.message.content.flatMap((block): AgentEvent[] => {
    if (block.type === 'tool_use') {
      state.toolUses.set(block.id, block)
      return [toolStart(block, state.worktree)]
    }
    // What a sub-agent says is for the agent that asked it.
    if (block.type !== 'text' || message.parent_tool_use_id != null) return []
    const text = redact(block.text)
    if (state.liveTurn !== null) state.liveTurn.message = text
    return [{ type: 'message', text }]
  })
}

function noteUser(state: ConversationState, message: z.output<typeof wire.userSchema>): AgentEvent[] {
  return message.message.content.flatMap((block) => {
    if (block.type !== 'tool_result') return []
    const meta = message.tool_result_meta?.find((one) => one.id === block.tool_use_id)
    const isDeclined = meta?.permission_decision?.decision === 'reject'
    const use = state.toolUses.get(block.tool_use_id)
    state.toolUses.delete(block.tool_use_id)
    return toolEnd({ result: block, use, isDeclined, worktree: state.worktree })
  })
}

function noteResult(state: ConversationState, result: wire.ClaudeResult): AgentEvent[] {
  const id = result.user_message_uuid ?? ''
  const turn = kindOfId(id) === 'turn' ? turnOf(state, id) : state.liveTurn
  if (turn === null) return []
  const total = totalOf(result.model_usage_since_last_result)
  turn.usageOfResults = addUsage(turn.usageOfResults, total.usage)
  turn.usage = turn.usageOfResults
  turn.costUsd += total.costUsd
  turn.result = result
  if (!result.is_error) turn.message = redact(result.result ?? turn.message)
  settleSteer(state, id)
  const { contextTokens, usage, costUsd } = turn
  return [{ type: 'usage', turn: usage, costUsd, contextTokens, contextWindow: total.contextWindow }]
}

/** A turn is over when it has a result and no words of ours wait for theirs. */
function settleSteer(state: ConversationState, id: string): void {
  state.queuedSteers.delete(id)
  const turn = state.liveTurn
  if (turn?.result == null || state.queuedSteers.size > 0) return
  turn.finished.resolve()
  state.liveTurn = null
}

function totalOf(models: wire.ModelUsage | null | undefined): {
  usage: TokenUsage
  costUsd: number
  contextWindow: number | null
} {
  const all = Object.values(models ?? {})
  return {
    usage: all.reduce((sum, one) => addUsage(sum, usageOf(one)), noUsage),
    costUsd: all.reduce((sum, one) => sum + one.costUSD, 0),
    contextWindow: all.reduce<number | null>((most, one) => Math.max(most ?? 0, one.contextWindow ?? 0) || null, null),
  }
}

function usageOf(model: wire.ModelUsage[string]): TokenUsage {
  return {
    input: model.inputTokens,
    cachedInput: model.cacheReadInputTokens,
    cacheWrite: model.cacheCreationInputTokens,
    output: model.outputTokens,
    reasoning: model.thinkingTokens,
  }
}

function noteRateLimit(state: ConversationState, info: wire.RateLimitInfo): AgentEvent[] {
  const own = info.rateLimitType == null ? {} : { [info.rateLimitType]: info }
  for (const [name, window] of Object.entries({ ...info.unifiedWindows, ...own })) {
    if (window == null) continue
    const known = state.rateLimits.get(name)
    const usedPercent = window.utilization == null ? (known?.usedPercent ?? 0) : window.utilization * 100
    const resetAt = window.resetsAt == null ? (known?.resetAt ?? null) : instant(window.resetsAt * 1_000)
    state.rateLimits.set(name, { name, usedPercent, window: null, resetAt })
  }
  state.usedUpUntil = info.status === 'rejected' && info.resetsAt != null ? instant(info.resetsAt * 1_000) : null
  return [{ type: 'rate-limit', windows: [...state.rateLimits.values()] }]
}
