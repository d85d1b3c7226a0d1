import { seconds, type Clock } from '@coxswain/kernel'
import { findByVariable } from './find-by-variable.ts'
import { identify, isSameAlive, signalProcess } from './process-table.ts'

const parentName = 'COXSWAIN_PARENT'

/** Put into the environment of a git, so that one that outlives us is known as ours. */
export function orphanMark(): Record<string, string> {
  return { [parentName]: `${process.pid} ${ownStart()}` }
}

let start: string | undefined

function ownStart(): string {
  start ??= identify(process.pid)?.startedAt ?? ''
  return start
}

const patience = seconds(30)

/**
 * Waits until each git of a process that was killed has ended: one that still writes would undo what we do next.
 * Killing it would leave its locks. Linux only; elsewhere nothing is found.
 */
export async function waitForOrphans(clock: Clock): Promise<void> {
  const deadline = clock.now() + patience
  for (;;) {
    const orphans = findOrphans()
    if (orphans.length === 0) return
    if (clock.now() >= deadline) {
      for (const pid of orphans) signalProcess(pid, 'SIGKILL')
      return
    }
    await clock.sleep(seconds(0.02))
  }
}

function findOrphans(): number[] {
  return findByVariable(parentName).flatMap(({ pid, value }) => {
    const [parent, startedAt = ''] = value.split(' ')
    return isSameAlive({ pid: Number(parent), startedAt }) ? [] : [pid]
  })
}
