import { readLive, type StateFolder } from '@coxswain/host'
import { CoxError, sleep } from '@coxswain/kernel'
import { DaemonAddress } from '@coxswain/protocol'
import type { Lock, Store } from '@coxswain/store'

/** One daemon a repository; the lock dies with its process, and with the database's. */
export interface DaemonLock {
  /** Takes it anew when it was lost with the connection that held it. @throws CoxError DAEMON_RUNNING when somebody else has it by now */
  ensure(): Promise<void>
  release(): Promise<void>
}

/** @throws CoxError DAEMON_RUNNING */
export async function holdDaemonLock(store: Store, folder: Pick<StateFolder, 'address'>): Promise<DaemonLock> {
  let lock = await takeOrRefuse(store, folder)
  return {
    ensure: async () => {
      if (lock.signal.aborted) lock = await takeOrRefuse(store, folder)
    },
    release: () => lock.release(),
  }
}

async function takeOrRefuse(store: Store, folder: Pick<StateFolder, 'address'>): Promise<Lock> {
  const lock = await take(store, folder)
  if (lock !== null) return lock
  throw new CoxError('DAEMON_RUNNING', 'A daemon serves this repository already', {
    hint: 'Use it: `cox status`. Stop it with `cox down`.',
  })
}

const patienceMs = 30_000

/**
 * A holder without an address is dead, which the server may need moments to notice, or it is starting or ending, which takes as long as the
 * machine is slow. Who waited for one that serves would take its place when a person stops it.
 */
async function take(store: Store, folder: Pick<StateFolder, 'address'>): Promise<Lock | null> {
  for (let waited = 0; ; waited += 100) {
    const lock = await store.locks.tryLock('daemon')
    if (lock !== null || waited >= patienceMs || (await readLive(folder.address, DaemonAddress)) !== null) return lock
    await sleep(100)
  }
}
