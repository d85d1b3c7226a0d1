import type { Engine } from '@coxswain/engine'
import { errorMessage, isCoxError, redact, sleep, type Logger } from '@coxswain/kernel'
import { isAtRest, isEnded, type HarnessConfig, type Run, type RunId } from '@coxswain/model'
import { dayBreach, restWith, type LegInput, type RunProgress } from '@coxswain/runs'
import type { Claim, Store } from '@coxswain/store'
import type { Holding, Holdings } from './holdings.ts'
import type { LiveConfig } from './live-config.ts'
import type { AgentPlaces } from './places.ts'
import { loadProgress, spentToday } from './run-journal.ts'

export interface Scheduler {
  /** Looks for queued work now. */
  wake(): void
  /** Looks also for work that this worker holds already, because it was taken over. */
  takeUp(): void
  /** Lets an ephemeral daemon work on this run. */
  admit(run: RunId): void
  readonly live: ReadonlySet<RunId>
  /** True once there is work that is ours to do: always, but for an ephemeral daemon that was asked for none. */
  isWanted(): boolean
  /** Stops taking work; legs under way are the engine's to stop. */
  stop(): Promise<void>
}

export interface SchedulerOptions {
  readonly store: Store
  readonly engine: Engine
  readonly holdings: Holdings
  readonly config: LiveConfig
  readonly places: AgentPlaces
  /** Only runs that were admitted, instead of all. */
  readonly isEphemeral: boolean
  readonly onRest: (run: RunId) => Promise<void>
  /** Ends whatever works for a run, and returns the processes that are alive all the same. */
  readonly endWork: (run: RunId) => Promise<readonly number[]>
  readonly now: () => number
  readonly logger: Logger
}

/** The one who picks the next work: claims queued runs up to the limit and starts a leg for each. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { logger } = options
  const live = new Set<RunId>()
  const admitted = new Set<RunId>()
  const stopping = new AbortController()
  const alarm = createAlarm(lookAgainMs)
  let mayHoldMore = true
  const start = (run: Run, claim: Claim): void => {
    if (live.has(run.id)) return
    live.add(run.id)
    void follow(run, options.holdings.take(claim), options, stopping.signal)
      .catch((error: unknown) => {
        mayHoldMore = true
        tellEnd(logger, run.id, error)
      })
      .finally(() => {
        live.delete(run.id)
        options.places.give(run.id)
        alarm.ring()
      })
  }
  const loop = async (): Promise<void> => {
    for (;;) {
      const looksForHeld = !(await alarm.next()) || mayHoldMore
      if (stopping.signal.aborted) return
      mayHoldMore = false
      const isDone = await lookForWork(options, { live, admitted, start }, looksForHeld)
      if (!isDone) mayHoldMore = true
    }
  }
  const running = loop()
  return {
    wake: alarm.ring,
    takeUp: () => {
      mayHoldMore = true
      alarm.ring()
    },
    live,
    isWanted: () => !options.isEphemeral || admitted.size > 0,
    admit: (run) => {
      admitted.add(run)
      alarm.ring()
    },
    stop: async () => {
      stopping.abort(new Error('the scheduler stops'))
      alarm.ring()
      await running
    },
  }
}

function tellEnd(logger: Logger, run: RunId, error: unknown): void {
  const fields = { run, error: errorMessage(error) }
  if (isCoxError(error, 'CLAIM_LOST')) logger.warn('a run is not followed any more', fields)
  else logger.error('a leg ended in an error', fields)
}

/** Work that another process queued is announced; this is the fallback. */
const lookAgainMs = 5_000

interface Alarm {
  readonly ring: () => void
  /** True when it rang since the last call, or rings within the limit. */
  next(): Promise<boolean>
}

/** A reason of our own: the default one records a stack each time. */
const rung = new Error('rung')

/** Rings at its beginning. */
function createAlarm(limitMs: number): Alarm {
  let isRung = true
  let waiting: AbortController | undefined
  return {
    ring: () => {
      isRung = true
      waiting?.abort(rung)
    },
    next: async () => {
      waiting = new AbortController()
      if (!isRung) await sleep(limitMs, waiting.signal).catch(() => {}) // it rang
      const wasRung = isRung
      isRung = false
      return wasRung
    },
  }
}

interface Hands {
  readonly live: ReadonlySet<RunId>
  readonly admitted: ReadonlySet<RunId>
  readonly start: (run: Run, claim: Claim) => void
}

/** False when it could not look everywhere. */
async function lookForWork(options: SchedulerOptions, hands: Hands, looksForHeld: boolean): Promise<boolean> {
  try {
    const isAll = !looksForHeld || (await startHeld(options, hands))
    await claimAll(options, hands)
    return isAll
  } catch (error) {
    options.logger.warn('could not look for work', { error: errorMessage(error) })
    return false
  }
}

/** What this worker holds already: of an earlier life, or taken over from a dead one. */
async function startHeld(
  { store, holdings }: SchedulerOptions,
  { live, start }: Pick<Hands, 'live' | 'start'>,
): Promise<boolean> {
  let isAll = holdings.isValid()
  if (!isAll) return false
  for (const id of await store.claims.list()) {
    if (live.has(id)) continue
    const present = holdings.of(id)
    const isHeld = present !== null && !present.lost.aborted
    // What was begun under an earlier claim is over before the next one begins.
    if (!isHeld && holdings.isBusy(id)) isAll = false
    else {
      const run = await store.runs.get(id)
      const [claim] = isHeld ? [present.claim] : await store.claims.renew([id])
      if (run !== null && claim !== undefined) start(run, claim)
    }
  }
  return isAll
}

async function claimAll(options: SchedulerOptions, { live, admitted, start }: Hands): Promise<void> {
  const { store, config, places, isEphemeral } = options
  await config.refresh()
  if ((await findDayBreach(options)) !== null) return
  // A run that leaves its place wakes us again.
  while (places.free() > 0 && live.size < mostLive(config.current)) {
    const slots = config.current.concurrency
    const claimed = await store.claims.next({ slots, ...(isEphemeral ? { among: [...admitted] } : {}) })
    if (claimed === null) return
    places.tryTake(claimed.run.id)
    start(claimed.run, claimed.claim)
  }
}

/** Each run that waits or lands keeps its worktree: where they pile up, no further one begins. */
function mostLive({ concurrency }: Pick<HarnessConfig, 'concurrency'>): number {
  return concurrency * 3
}

/** Which budget of the day is used up, in words. */
export async function findDayBreach({
  store,
  config,
  now,
}: Pick<SchedulerOptions, 'store' | 'config' | 'now'>): Promise<string | null> {
  const { day } = config.current
  if (day.tokens === null && day.usd === null) return null
  return dayBreach(await spentToday(store, now()), day)
}

/** Starts a leg, or joins the one under way, and gives the run back when it is at rest. */
async function follow(run: Run, holding: Holding, options: SchedulerOptions, stopping: AbortSignal): Promise<void> {
  const { engine, holdings } = options
  const store = { ...options.store, ...options.store.under(holding.claim) }
  const signal = AbortSignal.any([stopping, holding.lost])
  const progress = await loadProgress(store, run)
  const { leg } = progress
  const id = legId(store.repository, { run: run.id, leg })
  if (!isAtRest(run.state)) {
    await store.tasks.setState({ task: run.task, from: ['queued'], to: 'active' })
    await engine.start('leg', id, { run: run.id, leg, progress } satisfies LegInput)
    await finish(run, id, { ...options, store }, signal)
  }
  const after = await store.runs.get(run.id)
  if (after !== null && isEnded(after.state))
    await store.tasks.setState({
      task: run.task,
      from: ['queued', 'active'],
      to: after.state === 'cancelled' ? 'cancelled' : 'done',
    })
  await store.claims.release(holding.claim)
  holdings.drop(holding.claim)
  await options.onRest(run.id)
}

/** Waits for the leg; one that broke (a bug, a full disk) leaves the run blocked with the reason, never in limbo. */
async function finish(run: Run, id: string, { store, engine, endWork }: SchedulerOptions, signal: AbortSignal): Promise<void> {
  try {
    await engine.result(id, signal)
  } catch (error) {
    signal.throwIfAborted()
    const current = await store.runs.get(run.id)
    if (current === null || isAtRest(current.state)) return
    const reason = `Coxswain could not go on: ${redact(errorMessage(error))}. Look at the daemon's log; then resume the run.`
    const before = await loadProgress(store, run)
    const broken: RunProgress = { ...before, state: 'blocked', outcome: 'harness-error', reason, next: { kind: 'rest' } }
    const progress = restWith(broken, await endWork(run.id))
    await store.runs.transition({
      run: run.id,
      from: [current.state],
      to: 'blocked',
      patch: { outcome: progress.outcome, reason: progress.reason },
      progress,
      event: { name: 'run-broken', data: { reason } },
      key: `${id}/broken`,
    })
  }
}

function legId(repository: string, { run, leg }: Pick<LegInput, 'run' | 'leg'>): string {
  return `${repository}/${run}/${leg}`
}
