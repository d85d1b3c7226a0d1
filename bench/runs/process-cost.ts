import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of CPU. */
export interface Cost {
  readonly own: number
  /** Of children that have ended and were waited for, with theirs. */
  readonly children: number
}

/** Linux counts in hundredths of a second. */
const ticks = 100

export function costOf(pid: number): Cost {
  const fields = fieldsOf(pid)
  const seconds = (index: number): number => Number(fields[index] ?? 0) / ticks
  return { own: seconds(11) + seconds(12), children: seconds(13) + seconds(14) }
}

/** A process and those below it that live: a database server with its connections. */
export function costOfTree(pid: number): number {
  const { own, children } = costOf(pid)
  return own + children + childrenOf(pid).reduce((sum, child) => sum + costOf(child).own, 0)
}

/** Resident memory in MiB. */
export function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1] ?? 0) / 1024
}

/** The small process by which a daemon starts its commands. */
export function commandServerOf(daemon: number): number | undefined {
  return childrenOf(daemon).find((pid) => readProc(pid, 'cmdline').split('\0')[1] === '--eval')
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && Number(fieldsOf(pid)[1]) === parent)
}

/** From the state on: the name before it may hold anything. */
function fieldsOf(pid: number): string[] {
  const text = readProc(pid, 'stat')
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Empty when the process has ended meanwhile. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
