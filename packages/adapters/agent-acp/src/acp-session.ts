import { randomUUID } from 'node:crypto'
import type { AgentSession, CloseReport, Containment, SessionOptions, TurnRequest, TurnResult } from '@coxswain/agents'
import { type DetachedProcess } from '@coxswain/host'
import { supervise } from '@coxswain/json-lines'
import { counted, CoxError, formatDuration, isCoxError, milliseconds, redact, seconds } from '@coxswain/kernel'
import type { Conversation } from './handshake.ts'
import type { KnownAgent } from './known-agents.ts'
import { promptId, type SessionFeed } from './session-feed.ts'
import { endOfAnswer, turnResult, type PromptEnd } from './turn-result.ts'

export interface AcpSessionParts {
  readonly agent: KnownAgent
  readonly options: SessionOptions
  readonly process: DetachedProcess
  readonly feed: SessionFeed
  readonly conversation: Conversation
  readonly sandbox: Containment
  /** Aborting stops the reading of the program's output. */
  readonly reading: AbortController
}

/** How long a cancelled turn may take to end before its program is stopped. */
const cancelGrace = seconds(10)
const closeGrace = seconds(2)

/** Owns the live program of one conversation. */
export class AcpSession implements AgentSession {
  readonly sandbox: Containment
  readonly #parts: AcpSessionParts
  #liveKey: string | null = null
  #hasToldNoise = false
  #isDetached = false

  constructor(parts: AcpSessionParts) {
    this.#parts = parts
    this.sandbox = parts.sandbox
  }

  get resumeToken(): string {
    return this.#parts.conversation.sessionId
  }

  async turn(request: TurnRequest): Promise<TurnResult> {
    const { feed, options, agent } = this.#parts
    await feed.peer.caughtUp
    this.#liveKey = request.key
    try {
      const end = await this.#awaitPrompt(request)
      this.#tellNoise()
      const state = feed.finishedTurn(promptId(request.key)) ?? feed.liveTurn()
      return turnResult(end, { state, agent, model: options.model })
    } finally {
      this.#liveKey = null
    }
  }

  async steer(text: string): Promise<boolean> {
    const { feed, conversation } = this.#parts
    if (this.#liveKey === null || !conversation.canSteer) return false
    const answer = await feed.peer.request(`steer:${randomUUID()}`, '_session/steering', {
      sessionId: conversation.sessionId,
      prompt: [{ type: 'text', text: asWords(text) }],
      _meta: { steering: { idleBehavior: 'promptRequired' } },
    })
    return typeof answer === 'object' && answer !== null && 'outcome' in answer && answer.outcome === 'injected'
  }

  async interrupt(): Promise<void> {
    const { feed, conversation } = this.#parts
    if (this.#liveKey === null) return
    await feed.peer.notify(`cancel:${this.#liveKey}`, 'session/cancel', { sessionId: conversation.sessionId })
    feed.cancelQuestions()
  }

  async detach(): Promise<void> {
    this.#isDetached = true
    this.#parts.reading.abort()
    await this.#parts.feed.peer.ended
  }

  async close(): Promise<CloseReport> {
    await this.#closeConversation()
    const report = await this.#parts.process.stop({ grace: closeGrace })
    await this.#parts.feed.peer.ended
    return report
  }

  async #awaitPrompt(request: TurnRequest): Promise<PromptEnd> {
    const { feed } = this.#parts
    const done = this.#prompt(request)
    const outcome = await this.#supervise(done, request)
    if (outcome.kind === 'done') return outcome.value
    if (outcome.kind === 'ended') return this.#exited()
    await this.interrupt()
    if (outcome.kind === 'stalled') {
      return { kind: 'stalled', detail: `No word from the agent for ${formatDuration(request.idleLimit)}` }
    }
    const late = await this.#supervise(done, { idleLimit: cancelGrace, signal: new AbortController().signal })
    // It does not listen: left alone it would go on writing to the worktree.
    if (late.kind === 'stalled') await this.#parts.process.stop({ grace: closeGrace })
    feed.cancelQuestions()
    return late.kind === 'done' && late.value.kind === 'answer' ? late.value : { kind: 'interrupted' }
  }

  #supervise(
    done: Promise<PromptEnd>,
    limits: Pick<TurnRequest, 'idleLimit' | 'signal'>,
  ): ReturnType<typeof supervise<PromptEnd>> {
    const { feed, options } = this.#parts
    return supervise({
      done,
      ended: feed.peer.ended,
      activity: () => feed.peer.messageCount(),
      isWaitingForUs: () => feed.isAsking(),
      clock: options.clock,
      ...limits,
    })
  }

  async #prompt({ key, prompt }: TurnRequest): Promise<PromptEnd> {
    const { feed, conversation, options } = this.#parts
    const isFirst = options.resumeToken === null && feed.answeredPrompts() === 0
    const words = isFirst && options.instructions !== null ? `${options.instructions}\n\n${prompt}` : prompt
    const params = { sessionId: conversation.sessionId, prompt: [{ type: 'text', text: asWords(words) }] }
    try {
      return endOfAnswer(await feed.peer.request(promptId(key), 'session/prompt', params))
    } catch (error) {
      return isCoxError(error, 'RPC_ENDED') ? await this.#exited() : { kind: 'error', error }
    }
  }

  async #exited(): Promise<PromptEnd> {
    const { process } = this.#parts
    if (this.#isDetached) {
      throw new CoxError('SESSION_DETACHED', 'The session was let go while a turn was under way', {
        hint: 'Open it again under the same key to join the turn.',
      })
    }
    const tail = (await process.stderrTail(2_000)).trim()
    const { exitCode } = await process.exited(AbortSignal.timeout(cancelGrace))
    return { kind: 'exited', detail: redact(`exit code ${exitCode ?? 'unknown'}${tail === '' ? '' : `\n${tail}`}`) }
  }

  /** Lets the program write down what a later resume needs. */
  async #closeConversation(): Promise<void> {
    const { feed, conversation, process, options } = this.#parts
    if (!conversation.canClose || !process.isAlive() || this.#liveKey !== null) return
    const closed = feed.peer.request('close', 'session/close', { sessionId: conversation.sessionId }).catch(() => {})
    const stop = new AbortController()
    await Promise.race([closed, options.clock.sleep(milliseconds(2_000), stop.signal).catch(() => {})])
    stop.abort()
  }

  #tellNoise(): void {
    const { garbageLines, oversizeLines, sample } = this.#parts.feed.peer.noise()
    if (this.#hasToldNoise || garbageLines + oversizeLines === 0) return
    this.#hasToldNoise = true
    const lines = counted(garbageLines + oversizeLines, 'line')
    this.#parts.feed.warn(
      redact(`The agent printed ${lines} that are not its protocol${sample === null ? '' : `, such as: ${sample}`}`),
    )
  }
}

/** Programs take a text that begins with one of these as a command to themselves. */
function asWords(text: string): string {
  return /^\s*[/$!@#]/.test(text) ? `Task:\n${text}` : text
}
