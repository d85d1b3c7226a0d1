import { hostname } from 'node:os'
import { identify } from '@coxswain/host'
import type { Engine } from '@coxswain/engine'
import { errorMessage, seconds, sleep, type Logger } from '@coxswain/kernel'
import type { Store } from '@coxswain/store'

const beat = seconds(5)
const silence = seconds(30)

export interface WatchdogOptions {
  readonly store: Store
  readonly engine: Engine
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly onTakenOver: () => void
}

/** Says that this worker lives, and takes over what dead ones held: at once when their process on this host is gone, after a silence elsewhere. */
export async function keepWatch(options: WatchdogOptions): Promise<void> {
  const { store, signal, logger } = options
  while (!signal.aborted) {
    try {
      await store.workers.heartbeat({ host: hostname(), pid: process.pid })
      await takeOverDead(options)
    } catch (error) {
      if (!signal.aborted) logger.warn('the watchdog could not look around', { error: errorMessage(error) })
    }
    await sleep(beat, signal).catch(() => {})
  }
}

async function takeOverDead({ store, engine, logger, onTakenOver }: WatchdogOptions): Promise<void> {
  const dead = await deadWorkers(store)
  if (dead.length === 0) return
  await using lock = await store.locks.tryLock('watchdog')
  if (lock === null) return // another worker is at it
  const runs = await store.claims.takeOver(dead)
  const workflows = await engine.takeOver(dead)
  for (const worker of dead) await store.workers.remove(worker)
  logger.info('took over from dead workers', { dead, runs, workflows })
  if (runs.length > 0) await store.events.append(runs.map((run) => ({ name: 'run-taken-over', run, data: { from: dead, to: store.workerId } })))
  onTakenOver()
}

async function deadWorkers(store: Store): Promise<string[]> {
  const others = (await store.workers.list()).filter((worker) => worker.id !== store.workerId)
  if (others.length === 0) return []
  const silent = new Set(await store.workers.dead(silence))
  return others.filter((worker) => silent.has(worker.id) || (worker.host === hostname() && identify(worker.pid) === null)).map((worker) => worker.id)
}
