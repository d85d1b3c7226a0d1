import { hasProc, identify, readProc } from './process-table.ts'
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
  const environment = `\0${readProc(pid, 'environ')}`
  const at = environment.indexOf(`\0${name}=`)
  if (at === -1) return null
  const from = at + name.length + 2
  const end = environment.indexOf('\0', from)
  return environment.slice(from, end === -1 ? undefined : end)
}
