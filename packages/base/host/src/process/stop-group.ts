import { sleep, type Duration } from '@coxswain/kernel'
import { findByMarker, findGroupMembers, isGroupMember, signalGroup, signalProcess } from './process-table.ts'

/** Name of the variable by which processes that left their group are found again. */
export const markerName = 'COXSWAIN_PROCESS'

export interface StopReport {
  /** Pids that had escaped their process group and were killed one by one. */
  readonly stragglers: readonly number[]
}

/** SIGTERM, then SIGKILL after the grace, for a process group; then everything that still carries the marker. Returns when all are gone. */
export async function stopGroup(group: number, marker: string, grace: Duration): Promise<StopReport> {
  if (signalGroup(group, 'SIGTERM')) {
    const isGone = await waitUntilGone(group, grace)
    if (!isGone) {
      signalGroup(group, 'SIGKILL')
      await waitUntilGone(group, 5_000)
    }
  }
  const stragglers: number[] = []
  for (let round = 0; round < 20; round += 1) {
    const found = findByMarker(markerName, marker)
    if (found.length === 0) break
    for (const pid of found) {
      if (!stragglers.includes(pid)) stragglers.push(pid)
      signalProcess(pid, 'SIGKILL')
    }
    await sleep(10)
  }
  return { stragglers }
}

const vanishMs = 100

/** Most groups vanish at once, which costs nothing to see. Then it watches those that are there, and looks for others once they are gone: each look is one at all processes. */
async function waitUntilGone(group: number, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited < Math.min(vanishMs, limitMs); waited += 5) {
    if (!signalGroup(group, 0)) return true
    await sleep(5)
  }
  const step = 10
  let members = findGroupMembers(group)
  for (let waited = 0; members.length > 0; waited += step) {
    if (waited > limitMs) return false
    await sleep(step)
    members = members.filter((pid) => isGroupMember(pid, group))
    if (members.length === 0) members = findGroupMembers(group)
  }
  return true
}
