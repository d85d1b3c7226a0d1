import {
  noUsage,
  type AgentEvent,
  type AgentFailure,
  type SessionOptions,
  type TurnRequest,
  type TurnResult,
} from '@coxswain/agents'
import { type DetachedProcess } from '@coxswain/host'
import { supervise, type RpcPeer } from '@coxswain/json-lines'
import {
  counted,
  CoxError,
  type Duration,
  formatDuration,
  type Instant,
  isCoxError,
  minutes,
  redact,
  seconds,
} from '@coxswain/kernel'
import { classifyFailure } from './classify-failure.ts'
import { turnOf, type ThreadState, type TurnState } from './thread-state.ts'
import { turnAnswerSchema } from './wire.ts'

/** What one open session holds. */
export interface SessionState {
  readonly options: SessionOptions
  readonly process: DetachedProcess
  readonly peer: RpcPeer
  readonly thread: ThreadState
  /** Aborting lets go of the program without ending it. */
  readonly reading: AbortController
  readonly tell: (event: AgentEvent) => void
  threadId: string | null
  liveTurn: string | null
  waitingForUs: number
  activity: number
  noiseTold: boolean
}

/** Starts a turn, or joins the one that an earlier life of ours started under the same key. */
export async function runTurn(state: SessionState, request: TurnRequest): Promise<TurnResult> {
  try {
    const outcome = await supervise({
      done: startAndFinish(state, request),
      ended: state.peer.ended,
      activity: () => state.activity,
      isWaitingForUs: () => state.waitingForUs > 0,
      idleLimit: () => patienceOf(state, request.idleLimit),
      clock: state.options.clock,
      signal: request.signal,
    })
    if (outcome.kind === 'done') return finishedResult(state, outcome.value)
    if (outcome.kind === 'ended') return await crashedResult(state)
    const failure = outcome.kind === 'stalled' ? stalledFailure(state, patienceOf(state, request.idleLimit)) : null
    return await callOff(state, { request, failure })
  } catch (error) {
    if (isCoxError(error, 'RPC_ENDED')) return crashedResult(state)
    if (isCoxError(error, 'RPC_ERROR')) return refusedResult(state, error.message)
    throw error
  } finally {
    tellNoise(state)
    state.liveTurn = null
  }
}

const retryPatience = minutes(2)

/** Without a network Codex tries again for ever: we wait for it outside a turn, where that costs no budget. */
function patienceOf({ thread }: SessionState, limit: Duration): Duration {
  return thread.lastRetry === null || limit < retryPatience ? limit : retryPatience
}

async function startAndFinish(state: SessionState, request: TurnRequest): Promise<TurnState> {
  const known = turnOf(state.thread, await startedTurn(state, request))
  await known.finished.promise
  return known
}

async function startedTurn(state: SessionState, request: TurnRequest): Promise<string> {
  const input = [{ type: 'text', text: request.prompt, text_elements: [] }]
  const answer = await state.peer.request(`turn:${request.key}`, 'turn/start', { threadId: state.threadId, input })
  const { turn } = turnAnswerSchema.parse(answer)
  state.liveTurn = turn.id
  return turn.id
}

export async function interruptTurn(state: SessionState, turnId: string): Promise<void> {
  const { peer, threadId } = state
  await peer.request(`interrupt:${turnId}`, 'turn/interrupt', { threadId, turnId }).catch((error: unknown) => {
    // It ended by itself meanwhile.
    if (!isCoxError(error, 'RPC_ERROR') && !isCoxError(error, 'RPC_ENDED')) throw error
  })
}

const callOffGrace = seconds(10)

interface CallOff {
  readonly request: TurnRequest
  /** Null when the turn was called off by its caller. */
  readonly failure: AgentFailure | null
}

/** Interrupts a turn; a program that does not even end its turn is ended itself. */
async function callOff(state: SessionState, { request, failure }: CallOff): Promise<TurnResult> {
  const grace = new AbortController()
  const ended = interruptAndFinish(state, request)
  const turn = await Promise.race([
    ended,
    state.peer.ended.then(() => null),
    state.options.clock.sleep(callOffGrace, grace.signal).then(() => null),
  ])
  grace.abort()
  if (turn === null) await state.process.stop({ grace: seconds(1) })
  const result = resultOf(state, turn ?? liveTurnOf(state))
  if (failure !== null) return { ...result, status: 'failed', failure }
  return turn?.status === 'completed' ? result : { ...result, status: 'interrupted', failure: null }
}

async function interruptAndFinish(state: SessionState, request: TurnRequest): Promise<TurnState | null> {
  try {
    const finished = startAndFinish(state, request)
    const turnId = await startedTurn(state, request)
    await interruptTurn(state, turnId)
    return await finished
  } catch (error) {
    if (isCoxError(error, 'RPC_ENDED') || isCoxError(error, 'RPC_ERROR')) return null
    throw error
  }
}

function liveTurnOf(state: SessionState): TurnState | null {
  return state.liveTurn === null ? null : turnOf(state.thread, state.liveTurn)
}

function resultOf(state: SessionState, turn: TurnState | null): TurnResult {
  return {
    status: 'completed',
    failure: null,
    usage: turn?.usage ?? noUsage,
    costUsd: turn === null || turn.tokensPriced === null ? null : turn.costUsd,
    model: state.thread.model,
    message: turn?.message ?? '',
  }
}

function finishedResult(state: SessionState, turn: TurnState): TurnResult {
  const result = resultOf(state, turn)
  if (turn.status === 'completed') return result
  if (turn.status === 'interrupted') return { ...result, status: 'interrupted' }
  return { ...result, status: 'failed', failure: classifyFailure(turn.error, resetOf(state.thread)) }
}

/** When the window that is used up opens again. */
function resetOf(thread: ThreadState): Instant | null {
  const full = [...thread.rateLimits.values()].filter((window) => window.usedPercent >= 100)
  return full.reduce<Instant | null>(
    (latest, { resetAt }) => (resetAt !== null && resetAt > (latest ?? 0) ? resetAt : latest),
    null,
  )
}

function stalledFailure(state: SessionState, limit: Duration): AgentFailure {
  const { lastRetry } = state.thread
  if (lastRetry !== null) return classifyFailure(lastRetry, null)
  const message = `codex said nothing for ${formatDuration(limit)}`
  return { kind: 'stalled', message, code: null, retryAfter: null, resetAt: null }
}

async function crashedResult(state: SessionState): Promise<TurnResult> {
  if (state.reading.signal.aborted) {
    throw new CoxError('SESSION_DETACHED', 'The session was let go while a turn was under way', {
      hint: 'Open it again under the same key to join the turn.',
    })
  }
  const { exitCode } = await state.process.exited(AbortSignal.timeout(callOffGrace))
  const stderr = redact((await state.process.stderrTail(2_000)).trim())
  const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`
  const message = `codex ${how} in the middle of a turn${stderr === '' ? '' : `: ${stderr}`}`.slice(0, 2_000)
  const failure = {
    kind: 'crashed',
    message,
    code: exitCode === null ? null : String(exitCode),
    retryAfter: null,
    resetAt: null,
  } as const
  return { ...resultOf(state, liveTurnOf(state)), status: 'failed', failure }
}

function refusedResult(state: SessionState, message: string): TurnResult {
  return { ...resultOf(state, null), status: 'failed', failure: classifyFailure({ message }, null) }
}

function tellNoise(state: SessionState): void {
  const { garbageLines, oversizeLines, sample } = state.peer.noise()
  if (state.noiseTold || garbageLines + oversizeLines === 0) return
  state.noiseTold = true
  const shown = sample === null ? '' : `, the first: ${redact(sample)}`
  state.tell({
    type: 'warning',
    message: `codex printed ${counted(garbageLines + oversizeLines, 'line')} that are not its protocol${shown}`,
  })
}
