import { readFile } from 'node:fs/promises'
import { isSameAlive, type StateFolder } from '@coxswain/host'
import { DaemonAddress } from '@coxswain/protocol'

/** Whether the process that last told its address as this repository's daemon is alive. */
export async function isServed(folder: StateFolder): Promise<boolean> {
  try {
    return isSameAlive(DaemonAddress.parse(JSON.parse(await readFile(folder.address, 'utf8'))))
  } catch {
    return false // there is none, or nobody can be found by it
  }
}
