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
  /** Whether something is still done for this run, also under claims of it that were lost. */
  isBusy(run: RunId): boolean
  /** False from the end of the lease to the next sign of life. */
  isValid(): boolean
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
      const present = held.get(claim.run)
      if (present?.holding.claim.token === claim.token) return present.holding
      lose(claim.run, 'it was claimed anew')
      const lost = new AbortController()
      const check = (): void => {
        if (isOver()) loseAll()
        lost.signal.throwIfAborted()
      }
      const deeds = busy.get(claim.run) ?? new Set()
      busy.set(claim.run, deeds)
      const holding: Holding = { claim, lost: lost.signal, check, during: during(check, deeds) }
      held.set(claim.run, { holding, lost })
      return holding
    },
    of: (run) => held.get(run)?.holding ?? null,
    drop: (claim) => {
      if (held.get(claim.run)?.holding.claim.token === claim.token) held.delete(claim.run)
    },
    live: () => [...held.values()].flatMap(({ holding, lost }) => (lost.signal.aborted ? [] : [holding])),
    isBusy: (run) => (busy.get(run)?.size ?? 0) > 0,
    isValid: () => !isOver(),
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

function during(check: () => void, deeds: Set<Promise<unknown>>): Hold['during'] {
  return async (deed) => {
    check()
    const doing = deed()
    deeds.add(doing)
    return doing.finally(() => deeds.delete(doing))
  }
}

/** Of a run whose claim is gone before its leg came to begin here. */
export function notHeld(run: RunId): Holding {
  const error = claimLost(run, 'it was given back, or taken over')
  const refuse = (): never => {
    throw error
  }
  return { claim: { run, token: 0 }, lost: AbortSignal.abort(error), check: refuse, during: async () => refuse() }
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
