import { type AgentEvent, type AgentFailure, type SessionOptions, type TurnRequest, type TurnResult } from '@coxswain/agents'
import { type DetachedProcess } from '@coxswain/host'
import { supervise, type MessageFeed } from '@coxswain/json-lines'
import { counted, CoxError, type Duration, formatDuration, isCoxError, redact, seconds } from '@coxswain/kernel'
import { classifyFailure, isComplete } from './classify-failure.ts'
import type { Controls } from './controls.ts'
import { turnOf, type ConversationState, type TurnState } from './conversation-state.ts'
import { idOf } from './turn-id.ts'
import type { ApiRetry } from './wire.ts'

/** What one open session holds. */
export interface SessionState {
  readonly options: SessionOptions
  readonly process: DetachedProcess
  readonly feed: MessageFeed
  readonly controls: Controls
  readonly conversation: ConversationState
  /** Questions that Claude has taken back. */
  readonly withdrawn: Set<string>
  /** Aborting lets go of the program without ending it. */
  readonly reading: AbortController
  readonly tell: (event: AgentEvent) => void
  readonly sessionId: string
  readonly saveLogin: () => Promise<void>
  currentTurn: string | null
  waitingForUs: number
  activity: number
  noiseTold: boolean
}

/** Starts a turn, or joins the one that an earlier life of ours started under the same key. */
export async function runTurn(state: SessionState, request: TurnRequest): Promise<TurnResult> {
  const turn = turnOf(state.conversation, idOf('turn', state.options.key, request.key))
  state.currentTurn = turn.id
  try {
    await state.feed.send(`turn:${turn.id}`, userLine(turn.id, request.prompt))
    const outcome = await supervise({
      done: turn.finished.promise,
      ended: state.feed.ended,
      activity: () => state.activity,
      isWaitingForUs: () => state.waitingForUs > 0,
      idleLimit: request.idleLimit,
      clock: state.options.clock,
      signal: request.signal,
    })
    if (outcome.kind === 'done') return finishedResult(state, turn)
    if (outcome.kind === 'ended') return await crashedResult(state, turn)
    return await callOff(state, turn, outcome.kind === 'stalled' ? stalledFailure(state, request.idleLimit) : null)
  } finally {
    tellNoise(state)
    state.currentTurn = null
    await state.saveLogin()
  }
}

export function userLine(id: string, text: string): Record<string, unknown> {
  const message = { role: 'user', content: [{ type: 'text', text }] }
  return { type: 'user', uuid: id, session_id: '', parent_tool_use_id: null, message }
}

const callOffGrace = seconds(10)

export async function interruptTurn(state: SessionState, turnId: string): Promise<void> {
  await state.controls
    .request(`interrupt:${turnId}:${crypto.randomUUID()}`, { subtype: 'interrupt' }, callOffGrace)
    .catch((error: unknown) => {
      // It ended by itself meanwhile, or answers no more, which its end will tell.
      if (!isCoxError(error, 'CONTROL_FAILED')) throw error
    })
}

/** Interrupts a turn; a program that does not even end its turn is ended itself. `failure` is null when the caller called it off. */
async function callOff(state: SessionState, turn: TurnState, failure: AgentFailure | null): Promise<TurnResult> {
  const grace = new AbortController()
  const hasFinished = await Promise.race([
    interruptUntilFinished(state, turn, grace.signal).then(() => true),
    state.feed.ended.then(() => false),
    state.options.clock.sleep(callOffGrace, grace.signal).then(() => false),
  ])
  grace.abort()
  if (!hasFinished) await state.process.stop({ grace: seconds(1) })
  const result = hasFinished ? finishedResult(state, turn) : resultOf(state, turn)
  if (failure !== null) return { ...result, status: 'failed', failure }
  return hasFinished && result.status === 'completed' ? result : { ...result, status: 'interrupted', failure: null }
}

/** Words that wait for their own answer start another one when the first is interrupted. */
async function interruptUntilFinished(state: SessionState, turn: TurnState, signal: AbortSignal): Promise<void> {
  const finished = turn.finished.promise.then(() => true)
  for (let isFinished = false; !isFinished && !signal.aborted;) {
    await interruptTurn(state, turn.id)
    const pause = state.options.clock.sleep(seconds(1), signal).catch(() => {})
    isFinished = await Promise.race([finished, pause.then(() => false)])
  }
}

function resultOf(state: SessionState, turn: TurnState): TurnResult {
  return {
    status: 'completed',
    failure: null,
    usage: turn.usage,
    costUsd: turn.result === null ? null : turn.costUsd,
    model: state.conversation.model,
    message: turn.message,
  }
}

function finishedResult(state: SessionState, turn: TurnState): TurnResult {
  const result = resultOf(state, turn)
  const told = turn.result
  if (told === null) throw new Error('a finished turn has a result')
  if (told.terminal_reason?.startsWith('aborted_')) return { ...result, status: 'interrupted' }
  if (isComplete(told)) return result
  const { usedUpUntil } = state.conversation
  return { ...result, status: 'failed', failure: classifyFailure({ result: told, errorCode: turn.errorCode, usedUpUntil }) }
}

function stalledFailure(state: SessionState, limit: Duration): AgentFailure {
  const { lastRetry } = state.conversation
  if (lastRetry !== null) return retryFailure(lastRetry)
  return plainFailure('stalled', `claude said nothing for ${formatDuration(limit)}`)
}

/** The program would have tried for longer than the turn may be silent: the reason of its tries is the reason of the failure. */
function retryFailure(retry: ApiRetry): AgentFailure {
  const facts = { subtype: 'error', is_error: true, api_error_status: retry.error_status, result: retry.error }
  const failure = classifyFailure({ result: facts, errorCode: retry.error ?? null, usedUpUntil: null })
  return failure.kind === 'protocol' ? { ...failure, kind: 'unreachable' } : failure
}

function plainFailure(kind: AgentFailure['kind'], message: string, code: string | null = null): AgentFailure {
  return { kind, message: message.slice(0, 2_000), code, retryAfter: null, resetAt: null }
}

async function crashedResult(state: SessionState, turn: TurnState): Promise<TurnResult> {
  if (state.reading.signal.aborted) {
    throw new CoxError('SESSION_DETACHED', 'The session was let go while a turn was under way', {
      hint: 'Open it again under the same key to join the turn.',
    })
  }
  const { exitCode } = await state.process.exited(AbortSignal.timeout(callOffGrace))
  const stderr = redact((await state.process.stderrTail(2_000)).trim())
  const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`
  const message = `claude ${how} in the middle of a turn${stderr === '' ? '' : `: ${stderr}`}`
  const failure = plainFailure('crashed', message, exitCode === null ? null : String(exitCode))
  return { ...resultOf(state, turn), status: 'failed', failure }
}

function tellNoise(state: SessionState): void {
  const { garbageLines, oversizeLines, sample } = state.feed.noise()
  if (state.noiseTold || garbageLines + oversizeLines === 0) return
  state.noiseTold = true
  const shown = sample === null ? '' : `, the first: ${redact(sample)}`
  state.tell({
    type: 'warning',
    message: `claude printed ${counted(garbageLines + oversizeLines, 'line')} that are not its protocol${shown}`,
  })
}
