import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConformanceWorld } from '@coxswain/agents/testing'
import { openGit, refreshPrivateGit } from '@coxswain/host'

export interface LinkedWorld {
  /** The same, with a linked worktree to work in. */
  readonly world: ConformanceWorld
  /** Its private git folder. */
  readonly git: string
  /** What nobody but its owner may change of the repository. */
  readonly repository: () => readonly string[]
}

/** Has an agent work where runs do: in a linked worktree, with a git folder of its own. */
export async function linkWorktree(world: ConformanceWorld): Promise<LinkedWorld> {
  const run = (...args: string[]): string => execFileSync('git', args, { cwd: world.worktree, encoding: 'utf8' })
  const [worktree, git] = [join(world.stateDir, 'w1'), join(world.stateDir, 'git')]
  run('worktree', 'add', '--quiet', '--detach', worktree)
  await refreshPrivateGit(openGit(worktree), git)
  const own = join(world.worktree, '.git/worktrees/w1')
  return {
    world: { ...world, worktree },
    git,
    repository: () => [
      ...['index', 'HEAD'].map((name) => readFileSync(join(own, name), 'base64')),
      run('for-each-ref'),
      run('stash', 'list'),
      run('count-objects'),
    ],
  }
}
