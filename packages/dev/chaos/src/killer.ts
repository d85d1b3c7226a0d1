import { sleep } from '@coxswain/kernel'
import type { World } from './open-world.ts'
import type { Random } from './random.ts'
import { findVictims, victimKinds, type Victim, type VictimKind } from './victims.ts'

export interface Killer {
  /** Kills are spread over the work: each landing allows more of them. */
  setProgress(landed: number, total: number): void
  readonly counts: Readonly<Record<VictimKind, number>>
  readonly kills: readonly Kill[]
  stop(): Promise<void>
}

export interface Kill extends Victim {
  /** By `performance.now()`. */
  readonly at: number
}

interface KillerOptions {
  readonly world: World
  readonly random: Random
  readonly total: number
  /** What is killed; everything by default. */
  readonly kinds?: readonly VictimKind[]
}

/** Agents and gates die most often; a database that is always down would only test the waiting. */
const weights: Readonly<Record<VictimKind, number>> = {
  daemon: 12,
  stop: 8,
  postmaster: 7,
  backend: 14,
  agent: 22,
  wrapper: 16,
  gate: 20,
}

export function startKiller({ world, random, total, kinds = victimKinds }: KillerOptions): Killer {
  const counts = { daemon: 0, stop: 0, postmaster: 0, backend: 0, agent: 0, wrapper: 0, gate: 0 }
  const kills: Kill[] = []
  const stopping = new AbortController()
  let allowed = Math.ceil(total / 8)
  let done = 0
  const loop = async (): Promise<void> => {
    while (done < total && !stopping.signal.aborted) {
      await sleep(random.between(30, 500), stopping.signal).catch(() => {})
      if (done >= allowed || stopping.signal.aborted) continue
      const victim = choose(
        findVictims(world).filter(({ kind }) => kinds.includes(kind)),
        random,
      )
      if (victim === null || !kill(victim)) continue
      counts[victim.kind] += 1
      kills.push({ ...victim, at: performance.now() })
      done += 1
    }
  }
  const running = loop()
  return {
    counts,
    kills,
    setProgress: (landed, runs) => {
      allowed = Math.min(total, Math.ceil((total * (landed + 1.2 * Math.max(1, runs / 10))) / runs))
    },
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
    },
  }
}

function choose(victims: readonly Victim[], random: Random): Victim | null {
  const present = victimKinds.filter((kind) => victims.some((victim) => victim.kind === kind))
  let ticket = random.below(present.reduce((sum, kind) => sum + weights[kind], 0) || 1)
  for (const kind of present) {
    ticket -= weights[kind]
    if (ticket < 0) return random.pick(victims.filter((victim) => victim.kind === kind)) ?? null
  }
  return null
}

function kill({ pid, kind }: Victim): boolean {
  try {
    process.kill(pid, kind === 'stop' ? 'SIGTERM' : 'SIGKILL')
    return true
  } catch {
    return false // it ended by itself in this very moment
  }
}
