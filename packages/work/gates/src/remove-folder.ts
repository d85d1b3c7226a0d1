import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readEnvironment, runCommand } from '@coxswain/host'

/** Removes a folder with all in it, also what its owner may not enter, such as the work folder of an overlay. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    await runCommand({ command: ['chmod', '-R', 'u+rwx', path], cwd: dirname(path), env: readEnvironment() })
    await rm(path, { recursive: true, force: true })
  }
}
