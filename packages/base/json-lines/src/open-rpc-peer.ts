import { CoxError } from '@coxswain/kernel'
import type { DetachedProcess } from '@coxswain/host'
import { followMessages, isObject, type JsonObject, type MessageFeed, type Noise } from './follow-messages.ts'

export interface RpcRequest {
  readonly id: string | number
  readonly method: string
  readonly params: JsonObject
  /** The output line that carried it. */
  readonly line: number
}

export type RpcAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }

export interface RpcPeerOptions {
  readonly process: DetachedProcess
  /** Whether messages carry `"jsonrpc":"2.0"`: ACP demands it, Codex leaves it out. */
  readonly versioned: boolean
  readonly onNotification: (method: string, params: JsonObject, line: number) => void
  /** Asked once per request, also across our restarts, and only when nothing has withdrawn it meanwhile; null leaves it unanswered. */
  readonly onRequest: (request: RpcRequest) => Promise<RpcAnswer | null>
  /** An answer has arrived, in the order of the program's output: what follows it belongs to the next request. */
  readonly onAnswer?: (answer: { readonly id: string; readonly result: unknown; readonly line: number }) => void
  readonly signal: AbortSignal
}

export interface RpcPeer {
  /**
   * Sends a request, or joins the one that an earlier life of ours sent under the same id.
   * @throws CoxError RPC_ERROR with `data.code` and `data.data`; RPC_ENDED when the program ends without an answer
   */
  request(id: string, method: string, params: JsonObject): Promise<unknown>
  notify(id: string, method: string, params?: JsonObject): Promise<void>
  hasSent(id: string): boolean
  /** Takes back a request of the program that is still waiting for its turn to be asked. */
  withdraw(id: string | number): void
  messageCount(): number
  noise(): Noise
  readonly caughtUp: Promise<void>
  readonly ended: Promise<void>
}

/** JSON-RPC over lines with a process that outlives us. */
export function openRpcPeer(options: RpcPeerOptions): RpcPeer {
  const state: PeerState = { options, answers: new Map(), withdrawn: new Set(), hasEnded: false }
  const feed: MessageFeed = followMessages({
    process: options.process,
    signal: options.signal,
    onMessage: (message, line) => receive(state, feed, { message, line }),
  })
  const ended = feed.ended.finally(() => endAll(state))
  return {
    request: (id, method, params) => request(state, feed, { id, method, params }),
    notify: (id, method, params) => feed.send(id, framed(state, { method, ...(params === undefined ? {} : { params }) })),
    hasSent: (id) => feed.hasSent(id),
    withdraw: (id) => void state.withdrawn.add(id),
    messageCount: () => feed.messageCount(),
    noise: () => feed.noise(),
    caughtUp: feed.caughtUp,
    ended,
  }
}

interface PeerState {
  readonly options: RpcPeerOptions
  /** Answers by our request id, also those that arrived before anybody asked for them. */
  readonly answers: Map<string, PromiseWithResolvers<unknown>>
  readonly withdrawn: Set<string | number>
  hasEnded: boolean
}

interface OwnRequest {
  readonly id: string
  readonly method: string
  readonly params: JsonObject
}

async function request(state: PeerState, feed: MessageFeed, { id, method, params }: OwnRequest): Promise<unknown> {
  const answer = answerOf(state, id)
  if (state.hasEnded) answer.reject(endedError())
  else await feed.send(id, framed(state, { id, method, params }))
  return answer.promise
}

function answerOf(state: PeerState, id: string): PromiseWithResolvers<unknown> {
  const known = state.answers.get(id)
  if (known !== undefined) return known
  const created = Promise.withResolvers<unknown>()
  created.promise.catch(() => {}) // nobody may have asked yet
  state.answers.set(id, created)
  return created
}

function framed(state: PeerState, message: JsonObject): JsonObject {
  return state.options.versioned ? { jsonrpc: '2.0', ...message } : message
}

interface Received {
  readonly message: JsonObject
  readonly line: number
}

function receive(state: PeerState, feed: MessageFeed, { message, line }: Received): void {
  const { id, method } = message
  const params = isObject(message['params']) ? message['params'] : {}
  const isId = typeof id === 'string' || typeof id === 'number'
  if (typeof method === 'string' && isId) void answerRequest(state, feed, { id, method, params, line })
  else if (typeof method === 'string') state.options.onNotification(method, params, line)
  else if (isId) {
    state.options.onAnswer?.({ id: String(id), result: message['result'], line })
    settle(answerOf(state, String(id)), message)
  }
}

function settle(answer: PromiseWithResolvers<unknown>, message: JsonObject): void {
  const { error } = message
  if (!isObject(error)) return answer.resolve(message['result'])
  const text = typeof error['message'] === 'string' ? error['message'] : JSON.stringify(error)
  answer.reject(
    new CoxError('RPC_ERROR', text, {
      hint: 'Read the message of the program.',
      data: { code: error['code'], data: error['data'] },
    }),
  )
}

async function answerRequest(state: PeerState, feed: MessageFeed, incoming: RpcRequest): Promise<void> {
  const replyId = `reply:${typeof incoming.id}:${incoming.id}`
  await feed.caughtUp
  if (feed.hasSent(replyId) || state.withdrawn.has(incoming.id) || state.hasEnded) return
  const answer = await state.options.onRequest(incoming).catch((error: unknown): RpcAnswer => internalError(error))
  if (answer === null || state.withdrawn.has(incoming.id)) return
  // A program that has gone meanwhile is noticed by `ended`.
  await feed.send(replyId, framed(state, { id: incoming.id, ...answer })).catch(() => {})
}

function internalError(error: unknown): RpcAnswer {
  return { error: { code: -32_603, message: error instanceof Error ? error.message : String(error) } }
}

function endAll(state: PeerState): void {
  state.hasEnded = true
  for (const answer of state.answers.values()) answer.reject(endedError())
}

function endedError(): CoxError {
  return new CoxError('RPC_ENDED', 'The program ended without an answer', {
    hint: 'Read its standard error, then start it again.',
  })
}
