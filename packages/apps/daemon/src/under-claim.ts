import type { AsyncLocalStorage } from 'node:async_hooks'
import type { Repository } from '@coxswain/host'
import type { RunJournal, RunServices } from '@coxswain/runs'
import type { Records, Store } from '@coxswain/store'
import type { Holding } from './holdings.ts'
import { landInLane } from './land-in-lane.ts'

/** Of the run on whose behalf a tree is judged. */
export type GateRecords = AsyncLocalStorage<Records>

interface Place {
  readonly store: Store
  readonly repository: Repository
  readonly records: GateRecords
  readonly journal: (of: Store) => RunJournal
}

/** The services of one run: all that it writes, starts and lands is under this claim, whatever harness it works under. */
export function underClaim(services: RunServices, holding: Holding, place: Place): RunServices {
  const { store, records } = place
  const held = store.under(holding.claim)
  const journal = place.journal({ ...store, ...held })
  const hold = (free: RunServices): RunServices => ({
    ...free,
    under: async (harness) => hold(await free.under(harness)),
    hold: holding,
    journal,
    gates: {
      ...free.gates,
      judge: async (request) => {
        holding.check()
        return records.run(held, () => free.gates.judge(request))
      },
      readyWorktree: async (request) => {
        holding.check()
        return free.gates.readyWorktree(request)
      },
    },
    land: (request) => landInLane(request, holding, place),
  })
  return hold(services)
}

/** Of what no single run does. */
export const unbound: RunServices['hold'] = { lost: new AbortController().signal, check: () => {}, during: (deed) => deed() }
