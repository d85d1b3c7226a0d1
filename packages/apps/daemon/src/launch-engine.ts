import type { Engine } from '@coxswain/engine'
import { sleep } from '@coxswain/kernel'
import type { Store } from '@coxswain/store'

/**
 * Launches the engine through restarts of its database. A daemon that is just ending stops the server that the next one has found already: the
 * engine would wait for it and tell nobody, while the store, asked meanwhile, starts it again.
 */
export async function launchEngine(engine: Pick<Engine, 'launch'>, store: Pick<Store, 'workers'>): Promise<void> {
  const launched = new AbortController()
  const asking = keepAsking(store, launched.signal)
  try {
    await engine.launch()
  } finally {
    launched.abort(new Error('launched'))
    await asking
  }
}

const askAgainMs = 250

async function keepAsking(store: Pick<Store, 'workers'>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await store.workers.list().catch(() => {}) // the engine says what is wrong
    await sleep(askAgainMs, signal).catch(() => {})
  }
}
