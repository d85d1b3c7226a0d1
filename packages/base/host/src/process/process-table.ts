import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { execFileSync } from 'node:child_process'

/** A process, told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot on Linux, a date elsewhere; only ever compared for equality. */
  readonly startedAt: string
}

const hasProc = process.platform === 'linux'

/** Whether processes can be found by their environment here. */
export const canFindByVariable = hasProc

/** The identity of a live process; null when it is gone or a zombie. */
export function identify(pid: number): ProcessIdentity | null {
  if (hasProc) {
    const fields = statFields(pid)
    return fields === null || fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, startedAt: fields[19] ?? '' }
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return started === '' ? null : { pid, startedAt: started }
  } catch {
    return null
  }
}

export function isSameAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt
}

/** True while the group has a member that is not a zombie. */
export function isGroupAlive(group: number): boolean {
  return findGroupMembers(group).length > 0
}

/** The live processes of a group, zombies excluded; where that cannot be told, its leader as long as the group is there. */
export function findGroupMembers(group: number): number[] {
  if (!signalGroup(group, 0)) return []
  return hasProc ? listPids().filter((pid) => isGroupMember(pid, group)) : [group]
}

export function isGroupMember(pid: number, group: number): boolean {
  if (!hasProc) return signalGroup(group, 0)
  const fields = statFields(pid)
  return fields !== null && fields[0] !== 'Z' && fields[0] !== 'X' && Number(fields[2]) === group
}

/** Live processes with a variable of this name in the environment they were started with. Linux only; elsewhere none. */
export function findByVariable(name: string): { readonly pid: number; readonly value: string }[] {
  if (!hasProc) return []
  return listPids().flatMap((pid) => {
    const entry = readProc(pid, 'environ')
      .split('\0')
      .find((variable) => variable.startsWith(`${name}=`))
    return entry === undefined || identify(pid) === null ? [] : [{ pid, value: entry.slice(name.length + 1) }]
  })
}

/** Live processes that carry `NAME=value` in the environment they were started with. Linux only; elsewhere none. */
export function findByMarker(name: string, value: string): number[] {
  if (!hasProc) return []
  const marker = `\0${name}=${value}\0`
  return listPids().filter(
    (pid) => pid !== process.pid && `\0${readProc(pid, 'environ')}\0`.includes(marker) && identify(pid) !== null,
  )
}

/** False when nobody was there to be signalled. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return trySignal(-group, signal)
}

export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return trySignal(pid, signal)
}

function trySignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

/** Fields of /proc/<pid>/stat from the third on (state first): the command name before them may contain anything. */
function statFields(pid: number): string[] | null {
  const text = readProc(pid, 'stat')
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const buffer = Buffer.allocUnsafe(64 * 1024)

/** In three calls of the system instead of six: some look at every process of the machine. Text that is no ASCII is not for reading. */
function readProc(pid: number, file: string): string {
  let handle: number | undefined
  try {
    handle = openSync(`/proc/${pid}/${file}`, 'r')
    let text = ''
    for (let read = buffer.length; read === buffer.length;) {
      read = readSync(handle, buffer, 0, buffer.length, null)
      text += buffer.toString('latin1', 0, read)
    }
    return text
  } catch {
    return ''
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}
