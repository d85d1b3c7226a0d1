import { hostname } from 'node:os'
import { identify, systemClock, waitForOrphans } from '@coxswain/host'
import type { Engine } from '@coxswain/engine'
import { errorMessage, seconds, sleep, type Logger } from '@coxswain/kernel'
import type { Store, WorkerPlace } from '@coxswain/store'
import type { Holdings } from './holdings.ts'

const beat = seconds(5)
/** Longer than the lease that a worker gives itself: it has stopped before it is taken for dead. */
export const silence = seconds(20)

export interface WatchdogOptions {
  readonly store: Store
  readonly engine: Engine
  readonly holdings: Holdings
  readonly place: WorkerPlace
  readonly logger: Logger
  readonly signal: AbortSignal
  /** False for one that only answers questions: what dead ones held is left for a worker. */
  readonly mayTakeOver: () => boolean
  readonly onTakenOver: () => void
}

/** Says that this worker lives, and takes over what dead ones held: at once when their process on this host is gone, after a silence elsewhere. */
export async function keepWatch(options: WatchdogOptions): Promise<void> {
  const { store, holdings, signal, logger } = options
  while (!signal.aborted) {
    let neighbours: readonly Worker[] = []
    try {
      const sentAt = performance.now()
      await store.workers.heartbeat({ host: hostname(), pid: process.pid, place: options.place })
      holdings.renewed(sentAt)
      await lookAtClaims(options)
      const others = (await store.workers.list()).filter((worker) => worker.id !== store.workerId)
      neighbours = others.filter(isNeighbour)
      if (options.mayTakeOver()) await takeOverDead(others, options)
    } catch (error) {
      if (!signal.aborted) logger.warn('the watchdog could not look around', { error: errorMessage(error) })
    }
    await untilNextLook(neighbours, signal)
  }
}

type Worker = Awaited<ReturnType<Store['workers']['list']>>[number]

function isNeighbour({ host }: Worker): boolean {
  return host === hostname()
}

const glanceMs = 500

/** Until the next beat is due, or a process on this host is gone: that is seen without asking the database. */
async function untilNextLook(neighbours: readonly Worker[], signal: AbortSignal): Promise<void> {
  const alive = neighbours.filter(({ pid }) => identify(pid) !== null)
  const step = alive.length === 0 ? beat : glanceMs
  for (let waited = 0; waited < beat && !signal.aborted; waited += step) {
    await sleep(step, signal).catch(() => {})
    if (alive.some(({ pid }) => identify(pid) === null)) return
  }
}

/** What others have taken over is lost; what this worker lost by its own clock alone, it goes on with. */
async function lookAtClaims({ store, holdings, onTakenOver }: WatchdogOptions): Promise<void> {
  const live = holdings.live()
  const tokens = new Map((await store.claims.held()).map(({ run, token }) => [run, token]))
  for (const { claim } of live)
    if (tokens.get(claim.run) !== claim.token && holdings.of(claim.run)?.claim.token === claim.token)
      holdings.lose(claim.run, 'another worker has taken it over')
  if (tokens.size > live.length) onTakenOver()
}

async function takeOverDead(
  others: readonly Worker[],
  { store, engine, holdings, logger, onTakenOver }: WatchdogOptions,
): Promise<void> {
  const dead = await deadAmong(others, store)
  if (dead.length === 0) return
  await using lock = await store.locks.tryLock('watchdog')
  if (lock === null) return // another worker is at it
  await waitForOrphans(systemClock)
  const runs = (await store.claims.takeOver(dead)).map((claim) => holdings.take(claim).claim.run)
  const workflows = await engine.takeOver(dead)
  for (const worker of dead) await store.workers.remove(worker)
  logger.info('took over from dead workers', { dead, runs, workflows })
  if (runs.length > 0)
    await store.events.append(runs.map((run) => ({ name: 'run-taken-over', run, data: { from: dead, to: store.workerId } })))
  onTakenOver()
}

async function deadAmong(others: readonly Worker[], store: Store): Promise<string[]> {
  if (others.length === 0) return []
  const silent = new Set(await store.workers.dead(silence))
  return others
    .filter((worker) => silent.has(worker.id) || (isNeighbour(worker) && identify(worker.pid) === null))
    .map((worker) => worker.id)
}
