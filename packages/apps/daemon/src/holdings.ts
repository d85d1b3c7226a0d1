import { CoxError, milliseconds, seconds, sleep } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import type { RunServices } from '@coxswain/runs'
import type { Claim } from '@coxswain/store'

type Hold = RunServices['hold']

/** A run that this process holds, under one claim. */
export interface Holding extends Hold {
  readonly claim: Claim
}

/**
 * What this process may work on, and for how long. Its sign of life in the database is a lease: it counts from the moment in which it was
 * sent, by a clock that nobody sets, and ends before another worker takes this one for dead.
 */
export interface Holdings {
  /** From now on the run is worked on under this claim; what went on under an earlier one is lost. */
  take(claim: Claim): Holding
  /** Null when this process does not hold it. */
  of(run: RunId): Holding | null
  /** The run was given back. */
  drop(claim: Claim): void
  /** Runs that are held under a claim that counts. */
  live(): readonly Holding[]
  /** Waits until nothing is done any more under claims of this run that were lost. */
  quiet(run: RunId): Promise<void>
  /** A sign of life was sent at this moment of the process's clock, and arrived. */
  renewed(sentAt: number): void
  lose(run: RunId, why: string): void
  /** Loses everything whenever the lease ends, until the signal aborts. */
  guard(signal: AbortSignal): Promise<void>
}

/** How long a sign of life counts here. `silence` of the watchdog is longer. */
export const lease = seconds(15)

export function createHoldings(): Holdings {
  const held = new Map<RunId, State>()
  const busy = new Map<RunId, Set<Promise<unknown>>>()
  let until = performance.now() + lease
  const isOver = (): boolean => performance.now() >= until
  const lose = (run: RunId, why: string): void => held.get(run)?.lost.abort(claimLost(run, why))
  const loseAll = (): void => {
    for (const run of held.keys()) lose(run, 'the database was out of reach for too long')
  }
  return {
    take: (claim) => {
      lose(claim.run, 'it was claimed anew')
      const lost = new AbortController()
      const check = (): void => {
        if (isOver()) loseAll()
        lost.signal.throwIfAborted()
      }
      const holding: Holding = {
        claim,
        lost: lost.signal,
        check,
        during: async (deed) => {
          check()
          const deeds = busy.get(claim.run) ?? new Set()
          busy.set(claim.run, deeds)
          const doing = deed()
          deeds.add(doing)
          return doing.finally(() => deeds.delete(doing))
        },
      }
      held.set(claim.run, { holding, lost })
      return holding
    },
    of: (run) => held.get(run)?.holding ?? null,
    drop: (claim) => {
      if (held.get(claim.run)?.holding.claim.token === claim.token) held.delete(claim.run)
    },
    live: () => [...held.values()].flatMap(({ holding, lost }) => (lost.signal.aborted ? [] : [holding])),
    quiet: async (run) => void (await Promise.allSettled(busy.get(run) ?? [])),
    renewed: (sentAt) => {
      until = Math.max(until, sentAt + lease)
    },
    lose,
    guard: async (signal) => {
      while (!signal.aborted) {
        if (isOver()) loseAll()
        await sleep(milliseconds(Math.max(100, until - performance.now())), signal).catch(() => {})
      }
    },
  }
}

interface State {
  readonly holding: Holding
  readonly lost: AbortController
}

function claimLost(run: RunId, why: string): CoxError {
  return new CoxError('CLAIM_LOST', `This worker no longer holds ${run}: ${why}`, {
    hint: 'Leave the run alone: who holds it goes on with it.',
    data: { run },
  })
}
