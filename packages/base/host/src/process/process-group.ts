import { hasProc, identify, signalGroup, statFields } from './process-table.ts'
import { visitProcesses, type Memory } from './visit-processes.ts'

/** The session of each process. A process leaves its own only for a new one of its own, so that no stranger ever becomes a member. */
const sessions: Memory<number> = new Map()

/** True while the group has a member that is not a zombie. */
export function isGroupAlive(group: number): boolean {
  return findGroupMembers(group).length > 0
}

/**
 * The live processes of a group that was started as a session, zombies excluded: their parent may take its time to let them go.
 * Where that cannot be told, its leader as long as the group is there.
 */
export function findGroupMembers(group: number): number[] {
  if (!signalGroup(group, 0)) return []
  if (!hasProc) return [group]
  const members: number[] = []
  visitProcesses(sessions, (pid, known) => {
    if (known !== undefined && known !== group && pid !== group) return known
    const fields = statFields(pid)
    if (fields === null) return undefined
    if (isLiveMember(fields, group)) members.push(pid)
    return Number(fields[3])
  })
  return members
}

export function isGroupMember(pid: number, group: number): boolean {
  if (!hasProc) return signalGroup(group, 0)
  const fields = statFields(pid)
  return fields !== null && isLiveMember(fields, group)
}

/** A look at one process; false where that says nothing. */
export function isLeaderAlive(group: number): boolean {
  return hasProc && identify(group) !== null
}

function isLiveMember(fields: readonly string[], group: number): boolean {
  return fields[0] !== 'Z' && fields[0] !== 'X' && Number(fields[2]) === group
}
