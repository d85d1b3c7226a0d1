import process from 'node:process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isLarge, type FactCache } from '@coxswain/facts'
import { readEnvironment, runCommand } from '@coxswain/host'
import { minutes } from '@coxswain/kernel'

/**
 * Reading a large repository for the first time takes memory that a process keeps long after: another one does it, saves what it found
 * and is gone with all of it. What keeps it from that the service is told when it looks itself.
 */
export async function lookFirst(root: string, cache: FactCache): Promise<void> {
  if (cache.knows(root) || !isLarge(root)) return
  const program = fileURLToPath(new URL(`first-look-main${extname(import.meta.url)}`, import.meta.url))
  await runCommand({
    command: [process.execPath, ...process.execArgv, program, root],
    cwd: root,
    env: readEnvironment(),
    timeout: minutes(5),
  })
}
