import { isCoxError, type Logger } from '@coxswain/kernel'
import { isEnded, type Intervention, type RunId } from '@coxswain/model'
import { applyIntervention, type InterventionResult, type InterruptionRequest, type RunControl, type Said } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import { loadProgress, toPatch } from './run-journal.ts'

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
    const live = ears.get(run)
    const hasWords = pending.some(({ kind }) => kind === 'say')
    for (const intervention of pending) {
      if (live !== undefined && live.size > 0) for (const ear of live) await tell(store, ear, intervention)
      else await applyAtRest({ intervention, hasWords }, options)
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

async function tell(store: Store, ear: Ear, { id, kind, text }: Intervention): Promise<void> {
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
      await store.interventions.consume(id, { name: 'intervention-ignored', data: { kind, why: 'the run is going on' } })
      return
    default:
      kind satisfies never
  }
}

async function applyAtRest(
  { intervention, hasWords }: { readonly intervention: Intervention; readonly hasWords: boolean },
  { store, onQueued, endWork }: RunControlOptions,
): Promise<void> {
  const run = await store.runs.get(intervention.run)
  if (run === null) return
  const isOlder = intervention.at <= run.updatedAt
  const alive = run.outcome === 'still-alive' ? await endWork(run.id) : []
  const result: InterventionResult =
    alive.length > 0
      ? { kind: 'refused', why: `processes of the run are still alive: ${alive.join(', ')}` }
      : applyIntervention(await loadProgress(store, run), intervention, { hasWords, isOlder })
  if (result.kind === 'live') return // another worker's ear hears it, or the next step of the leg
  if (result.kind === 'refused') {
    await store.interventions.consume(intervention.id, {
      name: 'intervention-refused',
      data: { kind: intervention.kind, why: result.why },
    })
    return
  }
  const moved = await store.runs.transition({
    run: run.id,
    from: [run.state],
    to: result.progress.state,
    patch: toPatch(result.progress),
    progress: result.progress,
    event: {
      name: `run-${pastTense[intervention.kind]}`,
      data: { from: run.state, to: result.progress.state, text: intervention.text },
    },
    consumes: [intervention.id],
    key: `intervention/${intervention.id}`,
  })
  if (moved.kind !== 'moved' || moved.run.state !== 'queued') return
  if (isEnded(run.state)) await store.tasks.setState({ task: run.task, from: ['done'], to: 'active' })
  onQueued(run.id)
}

const pastTense: Readonly<Record<Intervention['kind'], string>> = {
  say: 'answered',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'cancelled',
  rework: 'reworked',
  approve: 'approved',
}

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
