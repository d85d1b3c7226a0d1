import type { AgentEvent, ApprovalDecision, ApprovalRequest, SessionOptions } from '@coxswain/agents'
import { type DetachedProcess } from '@coxswain/host'
import {
  createEventPositions,
  openRpcPeer,
  type EventPositions,
  type RpcAnswer,
  type RpcPeer,
  type RpcRequest,
} from '@coxswain/json-lines'
import { errorMessage } from '@coxswain/kernel'
import { lastRequestOfHistory } from './handshake.ts'
import { endMessage, endTools, mapUpdate, startTool, usageEvent } from './map-update.ts'
import { choosePermission, toApprovalRequest } from './permission.ts'
import { createTurnState, nextTurnState, toolOf, usageOfAnswer, type TurnState } from './turn-state.ts'
import { permissionRequest, promptAnswer, updateNotification } from './wire.ts'

const promptPrefix = 'prompt:'

export function promptId(turnKey: string): string {
  return `${promptPrefix}${turnKey}`
}

/** Everything that the program says, made into turns and events; the same from the first line on after a re-attach. */
export interface SessionFeed {
  readonly peer: RpcPeer
  /** The turn of a prompt that has been answered. */
  finishedTurn(promptId: string): TurnState | null
  /** The turn under way. */
  liveTurn(): TurnState
  answeredPrompts(): number
  isAsking(): boolean
  /** Ends the questions that are open: nobody will use their answers. */
  cancelQuestions(): void
  warn(message: string): void
}

export function openSessionFeed(process: DetachedProcess, options: SessionOptions, signal: AbortSignal): SessionFeed {
  const state: FeedState = {
    options,
    live: createTurnState(options.resumeToken === null ? 0 : null),
    finished: new Map(),
    isOpen: false,
    questions: new Set(),
    positions: createEventPositions(),
  }
  const peer = openRpcPeer({
    process,
    versioned: true,
    signal,
    onNotification: (method, params, line) => noteNotification(state, { method, params, line }),
    onRequest: (request) => answerRequest(state, request),
    onAnswer: (answer) => noteAnswer(state, answer),
  })
  return {
    peer,
    finishedTurn: (id) => state.finished.get(id) ?? null,
    liveTurn: () => state.live,
    answeredPrompts: () => state.finished.size,
    isAsking: () => state.questions.size > 0,
    cancelQuestions: () => {
      for (const cancel of state.questions) cancel()
    },
    warn: (message) => emit(state, [{ type: 'warning', message }]),
  }
}

interface FeedState {
  readonly options: SessionOptions
  live: TurnState
  readonly finished: Map<string, TurnState>
  /** False while a resumed conversation tells its history. */
  isOpen: boolean
  readonly questions: Set<() => void>
  readonly positions: EventPositions
}

/** A listener that throws must not break the reading of the agent. */
function emit(state: FeedState, events: readonly AgentEvent[]): void {
  for (const event of events) {
    try {
      state.options.onEvent(event, state.positions.next())
    } catch (error) {
      state.options.logger.error('a listener of agent events failed', { error: errorMessage(error) })
    }
  }
}

function noteNotification(state: FeedState, { method, params, line }: { method: string; params: unknown; line: number }): void {
  if (method !== 'session/update') return
  const parsed = updateNotification.safeParse(params)
  if (!parsed.success) return
  const events = mapUpdate(state.live, parsed.data.update, state.options.worktree)
  state.positions.enterLine(line)
  if (state.isOpen) emit(state, events)
}

function noteAnswer(state: FeedState, { id, result, line }: { id: string; result: unknown; line: number }): void {
  if (id === lastRequestOfHistory(state.options.resumeToken)) {
    state.isOpen = true
    state.live = nextTurnState(state.live)
  }
  if (!id.startsWith(promptPrefix)) return
  const turn = state.live
  const answer = promptAnswer.safeParse(result)
  const events = [...endTools(turn, answer.data?.stopReason === 'end_turn'), ...endMessage(turn)]
  const usage = answer.success ? usageOfAnswer(answer.data) : null
  turn.usage = usage ?? turn.usage
  state.positions.enterLine(line)
  emit(state, [...events, ...(usage === null ? [] : [usageEvent(turn)])])
  state.finished.set(id, turn)
  state.live = nextTurnState(turn)
}

const methodNotFound: RpcAnswer = { error: { code: -32_601, message: 'Method not found' } }

async function answerRequest(state: FeedState, request: RpcRequest): Promise<RpcAnswer> {
  const parsed = permissionRequest.safeParse(request.params)
  if (request.method !== 'session/request_permission' || !parsed.success) return methodNotFound
  const question = toApprovalRequest(parsed.data)
  emit(state, startTool(state.live, parsed.data.toolCall))
  const decision = await decide(state, question)
  if (decision !== 'accept') toolOf(state.live, parsed.data.toolCall.toolCallId).isDeclined = true
  emit(state, [{ type: 'approval', title: question.title, decision }])
  return { result: { outcome: choosePermission(parsed.data, decision) } }
}

/** A cancelled turn must get its questions answered as cancelled, whatever a person says later. */
async function decide(state: FeedState, question: ApprovalRequest): Promise<ApprovalDecision> {
  const cancelled = Promise.withResolvers<ApprovalDecision>()
  const cancel = (): void => cancelled.resolve('cancel')
  state.questions.add(cancel)
  try {
    return await Promise.race([state.options.approve(question), cancelled.promise])
  } finally {
    state.questions.delete(cancel)
  }
}
