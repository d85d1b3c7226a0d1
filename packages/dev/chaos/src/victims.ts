import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from './open-world.ts'

/** `stop` ends a daemon in an orderly way, as `cox down` does. */
export const victimKinds = ['daemon', 'stop', 'postmaster', 'backend', 'agent', 'wrapper', 'gate'] as const
export type VictimKind = (typeof victimKinds)[number]

export interface Victim {
  readonly pid: number
  readonly kind: VictimKind
  /** The server, one of its processes, or what starts it. */
  readonly isOfDatabase: boolean
}

/** Everything of this world that may be killed, by what it is. */
export function findVictims(world: World): Victim[] {
  const found = world.processes().flatMap((pid): Victim[] => {
    const command = commandOf(pid)
    const kind = kindOf(command)
    const isOfDatabase = kind === 'postmaster' || command.some((argument) => argument.startsWith(world.folder.postgres))
    if (kind === null) return []
    return kind === 'daemon'
      ? [
          { pid, kind, isOfDatabase },
          { pid, kind: 'stop', isOfDatabase },
        ]
      : [{ pid, kind, isOfDatabase }]
  })
  return [...found, ...findBackends(world)]
}

function kindOf(command: readonly string[]): VictimKind | null {
  const [program = '', ...args] = command
  if (args.some((argument) => argument.endsWith('/daemon-main.ts'))) return 'daemon'
  if (program.endsWith('/postgres') && args.includes('-D')) return 'postmaster'
  if (program === '/bin/sh' && args[2] === 'coxswain') return 'wrapper'
  const isNode = program === 'node' || program.endsWith('/node')
  if (isNode && args.some((argument) => argument.endsWith('scripted-agent/src/main.mjs'))) return 'agent'
  if (isNode && args[0]?.startsWith('gates/') === true) return 'gate'
  return null
}

/** A server process hides its environment behind its title: it is told by where it works. */
function findBackends(world: World): Victim[] {
  const cluster = join(world.folder.postgres, 'cluster')
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandOf(pid)[0]?.startsWith('postgres: ') === true && workingDirectory(pid) === cluster)
    .map((pid) => ({ pid, kind: 'backend', isOfDatabase: true }))
}

export function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}
