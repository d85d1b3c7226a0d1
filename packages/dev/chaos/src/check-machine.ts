import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from '@coxswain/kernel'
import { findLive, type DaemonKeeper } from './daemon-keeper.ts'
import type { World } from './open-world.ts'
import { commandOf, findVictims } from './victims.ts'

export interface Invariant {
  readonly name: string
  /** What breaks it; empty when it holds. */
  readonly broken: readonly string[]
}

const settleMs = 60_000

/** With all runs at rest and the daemon alive: no process but the daemon and its database, no lease. */
export async function checkRest(world: World, keeper: DaemonKeeper): Promise<Invariant[]> {
  await keeper.client()
  let left = await workLeft(world)
  for (let waited = 0; waited < settleMs && left.some(({ broken }) => broken.length > 0); waited += 100) {
    await sleep(100)
    left = await workLeft(world)
  }
  // What was seen to be at rest once is: a second look may meet a command that the daemon runs for itself.
  return left
}

async function workLeft(world: World): Promise<Invariant[]> {
  const daemon = (await findLive(world))?.pid
  const kept = new Set(
    findVictims(world)
      .filter(({ kind, pid }) => kind === 'postmaster' || pid === daemon)
      .map(({ pid }) => pid),
  )
  const extra = world.processes().filter((pid) => !kept.has(pid) && !isDatabaseWrapper(pid, world) && !isCommandServer(pid))
  return [
    { name: 'processes left of runs at rest', broken: extra.map(describe) },
    {
      name: 'leases left',
      broken: (await readdir(world.folder.worktrees).catch(() => [])).filter((name) => name.endsWith('.lease')),
    },
  ]
}

function isDatabaseWrapper(pid: number, world: World): boolean {
  return commandOf(pid).some((argument) => argument.startsWith(join(world.folder.postgres, 'starts')))
}

/** The small process by which a daemon starts commands; it ends with its daemon. */
function isCommandServer(pid: number): boolean {
  return commandOf(pid)[1] === '--eval'
}

/** After `cox down`: nothing at all. */
export async function checkMachine(world: World): Promise<Invariant[]> {
  for (let waited = 0; waited < settleMs && world.processes().length > 0; waited += 100) await sleep(100)
  const backends = findVictims(world).filter(({ kind }) => kind === 'backend')
  return [{ name: 'orphan processes', broken: [...world.processes(), ...backends.map(({ pid }) => pid)].map(describe) }]
}

function describe(pid: number): string {
  return `${pid} ${commandOf(pid).join(' ').slice(0, 160).replaceAll(/\s+/g, ' ')}`
}
