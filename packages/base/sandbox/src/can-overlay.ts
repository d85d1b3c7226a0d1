import { mkdir, rm, rmdir } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import type { Sandbox } from './find-sandbox.ts'
import { sandboxCommand } from './sandbox-command.ts'

/** Whether overlays whose upper layer lies in `folder` can be mounted: tried, because it depends on the file system (not on an overlay itself). */
export async function canOverlay(sandbox: Sandbox, folder: string): Promise<boolean> {
  if (sandbox.kind === 'none' || sandbox.overlaying === null) return false
  const place = join(folder, `overlay-trial-${randomBytes(6).toString('hex')}`)
  const [at, upper, work] = [join(place, 'at'), join(place, 'upper'), join(place, 'work')]
  try {
    for (const path of [at, upper, work]) await mkdir(path, { recursive: true })
    const overlays = [{ at, lower: at, upper, work }]
    const write = ['/bin/sh', '-c', ': >written']
    const command = await sandboxCommand({
      sandbox,
      command: write,
      cwd: at,
      worktree: at,
      writable: [],
      overlays,
      network: 'none',
    })
    const env = scrubEnvironment(readEnvironment())
    return (await runCommand({ command, cwd: at, env, timeout: seconds(60) })).exitCode === 0
  } finally {
    await removeTrial(place)
  }
}

/** The kernel leaves `work/work` empty and without any permission: nobody but root can look into it. */
async function removeTrial(place: string): Promise<void> {
  await rmdir(join(place, 'work/work')).catch(() => {}) // where nothing was mounted there is none
  await rm(place, { recursive: true, force: true })
}
