import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  agentFailureKinds,
  noUsage,
  type AgentEvent,
  type AgentFailure,
  type AgentSession,
  type SessionOptions,
  type TurnRequest,
  type TurnResult,
} from '@coxswain/agents'
import { atomicWrite, makePrivateFolder } from '@coxswain/host'
import { supervise } from '@coxswain/json-lines'
import { anySignal, counted, CoxError, errorMessage, formatDuration, isCoxError } from '@coxswain/kernel'
import { z } from 'zod'
import { readOrders } from './read-orders.ts'
import { runOrders, type OrdersReport } from './run-orders.ts'

/** Works in our own process, except for the search; its turns are written down, so that one that was done is not done again. */
export class RewriterSession implements AgentSession {
  readonly resumeToken = null
  readonly sandbox = 'own'
  readonly #options: SessionOptions
  readonly #program: string
  #position = 0
  #stopTurn: AbortController | null = null

  constructor(options: SessionOptions, program: string) {
    this.#options = options
    this.#program = program
  }

  async turn(request: TurnRequest): Promise<TurnResult> {
    const stop = new AbortController()
    this.#stopTurn = stop
    try {
      return await this.#join(request, stop)
    } finally {
      this.#stopTurn = null
    }
  }

  async steer(): Promise<boolean> {
    return false
  }

  async interrupt(): Promise<void> {
    this.#stopTurn?.abort()
  }

  async detach(): Promise<void> {
    this.#stopTurn?.abort()
  }

  async close(): Promise<{ stragglers: [] }> {
    this.#stopTurn?.abort()
    return { stragglers: [] }
  }

  /** The result of this turn, from an earlier life or from now. */
  async #join(request: TurnRequest, stop: AbortController): Promise<TurnResult> {
    const folder = join(this.#options.stateDir, 'rewriter', createHash('sha256').update(request.key).digest('hex').slice(0, 16))
    await makePrivateFolder(folder)
    const done = await readFile(join(folder, 'result.json'), 'utf8').catch(() => null)
    if (done !== null) return ended(storedResult.parse(JSON.parse(done)))
    const result = await this.#work(request, folder, stop)
    if (result.status !== 'interrupted')
      await atomicWrite(join(folder, 'result.json'), JSON.stringify({ message: result.message, failure: result.failure }))
    return result
  }

  async #work(request: TurnRequest, folder: string, stop: AbortController): Promise<TurnResult> {
    let progress = 0
    const signal = anySignal(stop.signal, request.signal, this.#options.signal)
    const work = this.#rewrite({ prompt: request.prompt, folder, signal, onProgress: () => (progress += 1) })
    const outcome = await supervise({
      done: work.catch((error: unknown) => this.#failed(error, signal)),
      ended: new Promise<never>(() => {}),
      activity: () => progress,
      isWaitingForUs: () => false,
      idleLimit: request.idleLimit,
      clock: this.#options.clock,
      signal,
    })
    if (outcome.kind === 'done') return outcome.value
    stop.abort()
    // Nothing may be written to the worktree any more once the turn is over.
    await work.catch(() => {})
    if (outcome.kind === 'aborted') return interrupted
    return failure('stalled', `The search found nothing new for ${formatDuration(request.idleLimit)}`)
  }

  async #rewrite(work: { prompt: string; folder: string; signal: AbortSignal; onProgress: () => void }): Promise<TurnResult> {
    const orders = readOrders(work.prompt)
    if (orders.rules.length === 0 && orders.rewrites.length === 0) throw noOrders()
    const { worktree, environment } = this.#options
    const names = [...new Set(orders.rules.map((rule) => rule.id)), ...(orders.rewrites.length > 0 ? ['edits'] : [])]
    this.#tell({ type: 'tool-start', toolId: 'rewrite', kind: 'edit', title: `Rewrite: ${names.join(', ')}` })
    try {
      const report = await runOrders({ ...work, orders, program: this.#program, worktree, environment })
      this.#tellReport(report)
      return { ...completed, message: describe(report) }
    } catch (error) {
      this.#tell({ type: 'tool-end', toolId: 'rewrite', status: 'failed', exitCode: null, output: errorMessage(error) })
      throw error
    }
  }

  #tellReport(report: OrdersReport): void {
    const message = describe(report)
    this.#tell({ type: 'tool-end', toolId: 'rewrite', status: 'ok', exitCode: null, output: message })
    if (report.changed.length > 0) this.#tell({ type: 'files-changed', paths: report.changed })
    for (const { file, why } of report.skipped.slice(0, 50))
      this.#tell({ type: 'warning', message: `${file} was left alone: ${why}` })
    for (const id of report.unstable) {
      this.#tell({
        type: 'warning',
        message: `The rule ${id} still matches what it has written: run again, it would change it again`,
      })
    }
    this.#tell({ type: 'message', text: message })
  }

  #failed(error: unknown, signal: AbortSignal): TurnResult {
    if (signal.aborted) return interrupted
    if (isCoxError(error, 'REWRITE_INVALID')) return failure('invalid-request', `${error.message}. ${error.hint}`)
    if (isCoxError(error)) return failure('crashed', error.message)
    throw error
  }

  #tell(event: AgentEvent): void {
    const position = this.#position
    this.#position += 1
    try {
      this.#options.onEvent(event, position)
    } catch (error) {
      this.#options.logger.error('a listener of agent events failed', { error: errorMessage(error) })
    }
  }
}

const storedResult = z.object({
  message: z.string(),
  failure: z.object({ kind: z.enum(agentFailureKinds), message: z.string() }).nullable(),
})

function ended({ message, failure: stored }: z.infer<typeof storedResult>): TurnResult {
  return stored === null ? { ...completed, message } : failure(stored.kind, stored.message)
}

const completed: TurnResult = { status: 'completed', failure: null, usage: noUsage, costUsd: 0, model: null, message: '' }
const interrupted: TurnResult = { ...completed, status: 'interrupted' }

function failure(kind: AgentFailure['kind'], message: string): TurnResult {
  const details = { kind, message: message.slice(0, 2_000), code: null, retryAfter: null, resetAt: null }
  return { ...completed, status: 'failed', failure: details }
}

function noOrders(): CoxError {
  return new CoxError('REWRITE_INVALID', 'The text carries nothing that the rewriter could do', {
    hint: 'Give it ast-grep rules with a fix in a ```yaml block, or {"edits": […]} in a ```json block, or choose another agent.',
  })
}

function describe({ changed, places, skipped }: OrdersReport): string {
  if (changed.length === 0)
    return skipped.length === 0 ? 'Nothing to change.' : `Nothing changed; ${counted(skipped.length, 'file')} left alone.`
  const rest = skipped.length === 0 ? '' : ` ${counted(skipped.length, 'file')} left alone.`
  return `Changed ${counted(places, 'place')} in ${counted(changed.length, 'file')}.${rest}`
}
