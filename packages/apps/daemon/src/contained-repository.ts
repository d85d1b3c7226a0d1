import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openGit, type Repository, type StateFolder } from '@coxswain/host'
import { containDrivers, type ContainDriver } from '@coxswain/sandbox'
import type { Containments } from './containment.ts'
import type { LiveConfig } from './live-config.ts'

interface DriversOptions {
  readonly containments: Containments
  readonly config: Pick<LiveConfig, 'current'>
  readonly folder: StateFolder
}

/**
 * The repository, with a git that contains what a person's settings have it run on files: in a worktree of ours as an agent is, in a person's
 * own reading only. A merge driver answers in a file there.
 */
export function withContainedDrivers(repository: Repository, { containments, config, folder }: DriversOptions): Repository {
  const scratch = join(folder.root, 'drivers')
  const contain: ContainDriver = async (command, { top, writes }) => {
    const containment = await containments.under(config.current)
    if (!containment.isContained) return null
    const isOurs = top.startsWith(`${folder.root}/`)
    if (!isOurs && !writes) await mkdir(scratch, { recursive: true, mode: 0o700 })
    return containment.contain(command, {
      cwd: top,
      worktree: isOurs || writes ? top : scratch,
      writable: [],
      readable: isOurs || writes ? [] : [top, repository.gitDir],
      overlays: [],
      network: 'none',
    })
  }
  return { ...repository, git: openGit(repository.git.cwd, { drivers: containDrivers(contain) }) }
}
