import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { execFileSync } from 'node:child_process'

/** A process, told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot on Linux, a date elsewhere; only ever compared for equality. */
  readonly startedAt: string
}

export const hasProc = process.platform === 'linux'

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

export function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

/** Fields of /proc/<pid>/stat from the third on (state first): the command name before them may contain anything. */
export function statFields(pid: number): string[] | null {
  const text = readProc(pid, 'stat')
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const buffer = Buffer.allocUnsafe(64 * 1024)

/** In three calls of the system instead of six: some look at every process of the machine. Text that is no ASCII is not for reading. */
export function readProc(pid: number, file: string): string {
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
