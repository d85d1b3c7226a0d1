import { closeSync, openSync } from 'node:fs'
import { hasProc, identify, readProc, statFields } from './process-table.ts'
import { visitProcesses, type Memory } from './visit-processes.ts'

/** Whether processes can be found by their environment here. */
export const canFindByVariable = hasProc

/** A process without the variable. */
interface Stranger {
  readonly firstSeen: number
  readonly readAt: number
}

const strangers = new Map<string, Memory<Stranger>>()

/** Between its fork and its program's first instruction a process shows another environment than its own: it must be seen twice, so far apart. */
const acquaintanceMs = 1_000
const trustMs = 10_000

/** Live processes with a variable of this name in the environment they were started with. Linux only; elsewhere none. */
export function findByVariable(name: string): { readonly pid: number; readonly value: string }[] {
  if (!hasProc) return []
  const memory: Memory<Stranger> = strangers.get(name) ?? new Map()
  strangers.set(name, memory)
  const found: { readonly pid: number; readonly value: string }[] = []
  const now = performance.now()
  visitProcesses(memory, (pid, known) => {
    if (known !== undefined && known.readAt - known.firstSeen >= acquaintanceMs && now - known.readAt < trustMs) return known
    const value = readVariable(pid, name)
    if (value === null) return { firstSeen: known?.firstSeen ?? now, readAt: now }
    if (identify(pid) !== null) found.push({ pid, value })
    return undefined
  })
  return found
}

/** Live processes other than this one that carry `NAME=value` in the environment they were started with. Linux only; elsewhere none. */
export function findByMarker(name: string, value: string): number[] {
  return findByVariable(name).flatMap((marked) => (marked.value === value && marked.pid !== process.pid ? [marked.pid] : []))
}

function readVariable(pid: number, name: string): string | null {
  const environment = `\0${readEnviron(pid)}`
  const at = environment.indexOf(`\0${name}=`)
  if (at === -1) return null
  const from = at + name.length + 2
  const end = environment.indexOf('\0', from)
  return environment.slice(from, end === -1 ? undefined : end)
}

/** An exec takes moments, also on a busy machine; this ends the wait for one that cannot read its program. */
const longestExecMs = 100
const pause = new Int32Array(new SharedArrayBuffer(4))

/** A process that is just becoming another program shows nothing at all until that program has its own. */
function readEnviron(pid: number): string {
  for (let waited = 0; ; waited += 1) {
    const environ = readProc(pid, 'environ')
    if (environ !== '' || waited === longestExecMs || !hasMoreToShow(pid)) return environ
    Atomics.wait(pause, 0, 0, 1)
  }
}

const [exitingFlag, kernelFlag] = [0x4, 0x20_0000]

/** It is alive and has memory, where its program is not yet in place, or by now has an environment. */
function hasMoreToShow(pid: number): boolean {
  const fields = statFields(pid)
  if (fields === null || (Number(fields[6]) & (exitingFlag | kernelFlag)) !== 0) return false
  const [startOfCode, start, end] = [fields[23], fields[47], fields[48]]
  return (startOfCode === '0' || start !== end) && isReadable(pid)
}

/** Of somebody else's process nothing is ever shown. */
function isReadable(pid: number): boolean {
  try {
    closeSync(openSync(`/proc/${pid}/environ`, 'r'))
    return true
  } catch {
    return false
  }
}
