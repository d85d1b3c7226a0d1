import { noUsage, type AgentEvent, type PriceOf, type RateLimitWindow, type TokenUsage } from '@coxswain/agents'
import { instant, minutes, redact } from '@coxswain/kernel'
import type { z } from 'zod'
import { shortPath, toolEnd, toolStart } from './map-item.ts'
import { tokensBefore, usageSince } from './turn-usage.ts'
import { itemSchema, notificationSchemas as schemas, type CodexError, type CodexNotifications, type CodexTokens } from './wire.ts'

/** All that codex has told about one thread; rebuilt from the first line after a re-attach. */
export interface ThreadState {
  readonly worktree: string
  readonly price: PriceOf
  model: string | null
  readonly turns: Map<string, TurnState>
  readonly rateLimits: Map<string, RateLimitWindow>
  /** Paths of the file changes under way, by item: a request for their approval names the item only. */
  readonly changedPaths: Map<string, readonly string[]>
  /** Set while codex says nothing but that it tries again. */
  lastRetry: CodexError | null
}

export interface TurnState {
  readonly finished: PromiseWithResolvers<void>
  status: 'inProgress' | 'completed' | 'interrupted' | 'failed'
  error: CodexError | null
  usage: TokenUsage
  costUsd: number | null
  message: string
  /** Totals of the thread before this turn; known from the turn's first report on. */
  tokensBefore: CodexTokens | null
  tokensPriced: CodexTokens | null
  diff: string
}

export function createThreadState(worktree: string, price: PriceOf): ThreadState {
  return { worktree, price, model: null, turns: new Map(), rateLimits: new Map(), changedPaths: new Map(), lastRetry: null }
}

export function turnOf(state: ThreadState, id: string): TurnState {
  const known = state.turns.get(id)
  if (known !== undefined) return known
  const created: TurnState = {
    finished: Promise.withResolvers(),
    status: 'inProgress',
    error: null,
    usage: noUsage,
    costUsd: 0,
    message: '',
    tokensBefore: null,
    tokensPriced: null,
    diff: '',
  }
  state.turns.set(id, created)
  return created
}

/** Takes one notification into the state and says what it means to the outside. Throws when it has not the promised shape. */
export function noteNotification(state: ThreadState, method: string, params: unknown): readonly AgentEvent[] {
  return handlers[method]?.(state, params) ?? []
}

type Handler = (state: ThreadState, params: unknown) => AgentEvent[]

function on<T>(schema: z.ZodType<T>, handle: (state: ThreadState, params: T) => AgentEvent[]): Handler {
  return (state, params) => handle(state, schema.parse(params))
}

const handlers: Readonly<Record<string, Handler>> = {
  'turn/started': on(schemas['turn/started'], (state, { turn }) => {
    turnOf(state, turn.id)
    return []
  }),
  'turn/completed': on(schemas['turn/completed'], (state, { turn }) => {
    const known = turnOf(state, turn.id)
    known.status = turn.status
    known.error = turn.error ?? known.error
    known.finished.resolve()
    return []
  }),
  'item/started': on(schemas['item/started'], noteItemStart),
  'item/completed': on(schemas['item/completed'], noteItem),
  'item/agentMessage/delta': on(schemas['item/agentMessage/delta'], (state, { delta }) => {
    state.lastRetry = null
    return [{ type: 'message-delta', text: redact(delta) }]
  }),
  'turn/diff/updated': on(schemas['turn/diff/updated'], noteDiff),
  'turn/plan/updated': on(schemas['turn/plan/updated'], (_, { plan }) => [{ type: 'plan', steps: plan.map(planStep) }]),
  'thread/tokenUsage/updated': on(schemas['thread/tokenUsage/updated'], noteUsage),
  'account/rateLimits/updated': on(schemas['account/rateLimits/updated'], noteRateLimits),
  error: on(schemas.error, noteError),
  warning: on(schemas.warning, (_, { message }) => [{ type: 'warning', message: redact(message).slice(0, 2_000) }]),
  'model/rerouted': on(schemas['model/rerouted'], (state, { toModel }) => {
    state.model = toModel
    return [{ type: 'warning', message: `The vendor answers with another model: ${toModel}` }]
  }),
}

/** Codex repeats the diff after each call of the model. */
function noteDiff(state: ThreadState, { turnId, diff }: CodexNotifications['turn/diff/updated']): AgentEvent[] {
  const turn = turnOf(state, turnId)
  if (turn.diff === diff) return []
  turn.diff = diff
  return [{ type: 'diff', unified: redact(diff) }]
}

function noteError(state: ThreadState, { turnId, error, willRetry }: CodexNotifications['error']): AgentEvent[] {
  if (!willRetry) {
    turnOf(state, turnId).error = error
    return []
  }
  state.lastRetry = error
  const message = [error.message, error.additionalDetails].filter((text) => text != null).join(' — ')
  return [{ type: 'retry', message: redact(message).slice(0, 2_000) }]
}

function noteItemStart(state: ThreadState, { item }: CodexNotifications['item/started']): AgentEvent[] {
  state.lastRetry = null
  const parsed = itemSchema.safeParse(item)
  if (!parsed.success || parsed.data.type === 'agentMessage') return []
  if (parsed.data.type === 'fileChange') {
    const paths = parsed.data.changes.map(({ path }) => shortPath(path, state.worktree))
    state.changedPaths.set(parsed.data.id, paths)
  }
  return [toolStart(parsed.data, state.worktree)]
}

function noteItem(state: ThreadState, { turnId, item }: CodexNotifications['item/completed']): AgentEvent[] {
  const parsed = itemSchema.safeParse(item)
  if (!parsed.success) return []
  if (parsed.data.type !== 'agentMessage') return toolEnd(parsed.data, state.worktree)
  const turn = turnOf(state, turnId)
  const text = redact(parsed.data.text)
  turn.message = text
  return [{ type: 'message', text }]
}

function noteUsage(state: ThreadState, { turnId, tokenUsage }: CodexNotifications['thread/tokenUsage/updated']): AgentEvent[] {
  const turn = turnOf(state, turnId)
  turn.tokensBefore ??= tokensBefore(tokenUsage.total, tokenUsage.last)
  turn.costUsd = addCost(turn.costUsd, state, usageSince(turn.tokensPriced ?? turn.tokensBefore, tokenUsage.total))
  turn.tokensPriced = tokenUsage.total
  turn.usage = usageSince(turn.tokensBefore, tokenUsage.total)
  const contextWindow = tokenUsage.modelContextWindow ?? null
  return [{ type: 'usage', turn: turn.usage, costUsd: turn.costUsd, contextTokens: tokenUsage.last.totalTokens, contextWindow }]
}

/** Priced call by call, because vendors charge more for long calls; one unknown price makes the sum unknown. */
function addCost(soFar: number | null, state: ThreadState, call: TokenUsage): number | null {
  const cost = state.model === null ? null : state.price(state.model, call)
  return cost === null || soFar === null ? null : soFar + cost
}

/** A report leaves out what it does not know: windows are merged, never cleared. */
function noteRateLimits(state: ThreadState, { rateLimits }: CodexNotifications['account/rateLimits/updated']): AgentEvent[] {
  let isNew = false
  for (const name of ['primary', 'secondary'] as const) {
    const reported = rateLimits[name]
    if (reported == null) continue
    isNew = true
    const { usedPercent, windowDurationMins, resetsAt } = reported
    state.rateLimits.set(name, {
      name,
      usedPercent,
      window: windowDurationMins == null ? null : minutes(windowDurationMins),
      resetAt: resetsAt == null ? null : instant(resetsAt * 1_000),
    })
  }
  return isNew ? [{ type: 'rate-limit', windows: [...state.rateLimits.values()] }] : []
}

function planStep({ step, status }: CodexNotifications['turn/plan/updated']['plan'][number]): {
  text: string
  status: 'pending' | 'active' | 'done'
} {
  const words = { pending: 'pending', inProgress: 'active', completed: 'done' } as const
  return { text: redact(step), status: words[status] }
}
