import { sleep, type Duration } from '@coxswain/kernel'
import { findByMarker } from './find-by-variable.ts'
import { findGroupMembers, isGroupMember, isLeaderAlive } from './process-group.ts'
import { signalGroup, signalProcess } from './process-table.ts'

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

/**
 * Most groups vanish at once, and most others have a leader that goes last: both cost little to see. Then it watches those that are left,
 * and looks for others once they are gone: each look is one at all processes.
 */
async function waitUntilGone(group: number, limitMs: number): Promise<boolean> {
  let members: number[] = []
  for (let waited = 0, pause = 0; signalGroup(group, 0); waited += pause) {
    if (!isLeaderAlive(group)) {
      members = members.filter((pid) => isGroupMember(pid, group))
      if (members.length === 0) members = findGroupMembers(group)
      if (members.length === 0) return true
    }
    if (waited > limitMs) return false
    pause = waited < 100 ? 5 : 10
    await sleep(pause)
  }
  return true
}
