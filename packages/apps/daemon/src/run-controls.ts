import { isCoxError, type Logger } from '@coxswain/kernel'
import { isEnded, type Budget, type Intervention, type Run, type RunId } from '@coxswain/model'
import {
  applyIntervention,
  type InterventionResult,
  type InterruptionRequest,
  type RunControl,
  type RunProgress,
  type Said,
} from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import { toPatch } from './run-journal.ts'

export interface RunControls {
  /** A live run's ear. */
  open(run: RunId): RunControl
  /** Hands what is pending for a run to its live control, or applies it to the run at rest. */
  deliver(run: RunId): Promise<void>
}

interface Ear {
  readonly interrupt: AbortController
  readonly messages: Map<number, Said>
  readonly delivered: Set<number>
  readonly listeners: Set<(message: Said) => void>
}

interface RunControlOptions {
  readonly store: Store
  readonly logger: Logger
  readonly onQueued: (run: RunId) => void
  /** Ends whatever works for a run, and returns the processes that are alive all the same. */
  readonly endWork: (run: RunId) => Promise<readonly number[]>
}

/** Where people's words meet runs: live ones of this worker hear them, resting ones are moved. */
export function createRunControls(options: RunControlOptions): RunControls {
  const { store } = options
  const ears = new Map<RunId, Set<Ear>>()
  const deliver = async (run: RunId): Promise<void> => {
    const pending = await store.interventions.pending(run)
    const hasWords = pending.some(({ kind }) => kind === 'say')
    for (const intervention of pending) {
      const decision = await takeEffect({ intervention, hasWords, isUnderWay: () => ears.has(run) }, options)
      if (decision === 'live') for (const ear of ears.get(run) ?? []) tell(ear, intervention)
    }
  }
  return {
    deliver,
    open: (run) => {
      const ear: Ear = { interrupt: new AbortController(), messages: new Map(), delivered: new Set(), listeners: new Set() }
      const set = ears.get(run) ?? new Set()
      ears.set(run, set.add(ear))
      deliver(run).catch((error: unknown) =>
        options.logger.warn('pending interventions could not be read', { run, error: String(error) }),
      )
      return {
        signal: ear.interrupt.signal,
        pendingMessages: () => [...ear.messages.values()],
        markDelivered: (id) => {
          ear.messages.delete(id)
          ear.delivered.add(id)
        },
        onMessage: (listener) => {
          ear.listeners.add(listener)
          for (const message of ear.messages.values()) listener(message)
          return () => ear.listeners.delete(listener)
        },
        close: () => {
          set.delete(ear)
          if (set.size === 0) ears.delete(run)
        },
      }
    },
  }
}

/** What interrupts stays pending until the effect that it ended is recorded, and words until they are heard: what comes too late for a leg is decided anew at its rest. */
function tell(ear: Ear, { id, kind, text }: Intervention): void {
  switch (kind) {
    case 'say':
      if (ear.messages.has(id) || ear.delivered.has(id)) return
      ear.messages.set(id, { id, text })
      for (const listener of ear.listeners) listener({ id, text })
      return
    case 'pause':
    case 'cancel':
    case 'rework': {
      const request: InterruptionRequest = { intervention: id, interruption: { by: kind, text } }
      if (!ear.interrupt.signal.aborted) ear.interrupt.abort(request)
      return
    }
    case 'resume':
    case 'approve':
      throw new Error(`a live run has no use for "${kind}"`)
    default:
      kind satisfies never
  }
}

interface Act {
  readonly intervention: Intervention
  readonly hasWords: boolean
  readonly isUnderWay: () => boolean
}

/** Decides by the state that is stored, and again whenever another one was faster: what is asked takes effect, is told to the live run, or is refused, never lost. */
async function takeEffect({ intervention, hasWords, isUnderWay }: Act, options: RunControlOptions): Promise<'live' | 'done'> {
  const { store } = options
  for (;;) {
    const found = await store.runs.withTask(intervention.run)
    if (found === null) return 'done'
    const { run } = found
    const alive = run.outcome === 'still-alive' ? await options.endWork(run.id) : []
    const isOlder = intervention.at <= run.updatedAt
    const result: InterventionResult =
      alive.length > 0
        ? refusedAlive(alive)
        : // Written by the run machine alone.
          applyIntervention(found.progress as RunProgress, intervention, { hasWords, isOlder, isUnderWay: isUnderWay() })
    if (result.kind === 'live' || result.kind === 'kept') return result.kind === 'live' ? 'live' : 'done'
    if (result.kind === 'refused') {
      const { why, instead } = result
      await store.interventions.consume(intervention.id, { name: refusal, data: { kind: intervention.kind, why, instead } })
      return 'done'
    }
    if (await move({ run, progress: result.progress, intervention }, options)) return 'done'
  }
}

/** The event of an act that came too late. */
export const refusal = 'intervention-refused'

function refusedAlive(alive: readonly number[]): InterventionResult {
  return {
    kind: 'refused',
    why: `processes of the run are still alive: ${alive.join(', ')}`,
    instead: 'End them, then ask again.',
  }
}

interface Move {
  readonly run: Run
  readonly progress: RunProgress
  readonly intervention: Intervention
}

/** False when another one moved the run first. */
async function move({ run, progress, intervention }: Move, { store, onQueued }: RunControlOptions): Promise<boolean> {
  const moved = await store.runs.transition({
    run: run.id,
    from: [run.state],
    to: progress.state,
    patch: { ...toPatch(progress), ...(intervention.budget && { budget: withLimits(run.budget, intervention.budget) }) },
    progress,
    event: {
      name: `run-${pastTense[intervention.kind]}`,
      data: { from: run.state, to: progress.state, text: intervention.text, actor: intervention.actor },
    },
    consumes: [intervention.id],
    key: `intervention/${intervention.id}`,
  })
  if (moved.kind !== 'moved') return false
  if (moved.run.state !== 'queued') return true
  if (isEnded(run.state)) await store.tasks.setState({ task: run.task, from: ['done'], to: 'active' })
  onQueued(run.id)
  return true
}

function withLimits(budget: Budget, { tokens, usd, timeMs }: NonNullable<Intervention['budget']>): Budget {
  return { tokens: tokens ?? budget.tokens, usd: usd ?? budget.usd, timeMs: timeMs ?? budget.timeMs }
}

const pastTense = {
  say: 'answered',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
  rework: 'reworked',
  approve: 'approved',
} as const satisfies Readonly<Record<Intervention['kind'], string>>

/** Delivers for every run that has something pending, until the signal aborts. */
export async function watchInterventions(
  controls: RunControls,
  options: { readonly store: Store; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  for await (const run of options.store.interventions.watch({ signal: options.signal })) {
    try {
      await controls.deliver(run)
    } catch (error) {
      if (options.signal.aborted) return
      options.logger.error('an intervention could not be delivered', {
        run,
        error: isCoxError(error) ? error.toJSON() : String(error),
      })
    }
  }
}
