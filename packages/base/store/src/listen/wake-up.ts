import type { Clock, Duration } from '@coxswain/kernel'

export interface WakeUp {
  readonly wake: () => void
  /** Resolves when woken since the last call, when the signal aborts, or at the latest after the given time. */
  next(): Promise<void>
}

export interface WakeUpOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly atLatest: Duration
}

/** A reason of our own: the default one records a stack each time. */
const woken = new Error('woken')

export function createWakeUp({ clock, signal, atLatest }: WakeUpOptions): WakeUp {
  let isWoken = false
  let waiting: AbortController | undefined
  const wake = (): void => {
    isWoken = true
    waiting?.abort(woken)
  }
  return {
    wake,
    next: async () => {
      if (!isWoken && !signal.aborted) {
        waiting = new AbortController()
        await clock.sleep(atLatest, AbortSignal.any([waiting.signal, signal])).catch(() => {}) // woken, by whichever of the two
      }
      isWoken = false
    },
  }
}
