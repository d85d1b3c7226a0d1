import { abortable } from '@coxswain/kernel'
import type { HarnessConfig, RunId } from '@coxswain/model'
import type { Places } from '@coxswain/runs'

/**
 * Places of agents in this worker: as many as `concurrency` says. A run holds one while its agent or its own gates work, and none while it waits
 * for a limit or lands. A run that waits for a place to go on gets it before a run that has not begun.
 */
export interface AgentPlaces extends Places {
  /** Places that a run which has not begun may take. */
  free(): number
}

export function createPlaces(config: { readonly current: Pick<HarnessConfig, 'concurrency'> }, onFree: () => void): AgentPlaces {
  const capacity = (): number => config.current.concurrency
  const held = new Set<RunId>()
  const waiting: { readonly run: RunId; readonly enter: () => void }[] = []
  const free = (): number => capacity() - held.size - waiting.length
  const enterWaiting = (): void => {
    while (waiting.length > 0 && held.size < capacity()) {
      const next = waiting.shift()
      if (next === undefined) return
      held.add(next.run)
      next.enter()
    }
  }
  const tryTake = (run: RunId): boolean => {
    if (held.has(run)) return true
    if (free() <= 0) return false
    held.add(run)
    return true
  }
  return {
    free,
    tryTake,
    take: async (run, signal) => {
      enterWaiting()
      if (tryTake(run)) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const entry = { run, enter: resolve }
      waiting.push(entry)
      try {
        await abortable(promise, signal)
      } catch (error) {
        const at = waiting.indexOf(entry)
        if (at !== -1) waiting.splice(at, 1)
        throw error
      }
    },
    give: (run) => {
      if (!held.delete(run)) return
      enterWaiting()
      if (free() > 0) onFree()
    },
  }
}
