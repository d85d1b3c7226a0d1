import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDriver, type ConformanceTarget, type ConformanceWorld } from '@coxswain/agents/testing'
import { openGit, refreshPrivateGit } from '@coxswain/host'
import { expect, test } from 'vitest'
import type { ModelScript } from '../model-server/script.ts'

const command =
  'git rm -q greeting.txt && git stash -q && git stash pop -q && git commit -qam gone && git log --format=%s; git config core.fsmonitor ./x 2>&1 || echo fixed'

/** Registers the case for one agent that runs commands. The program works where runs do: in a linked worktree, with a git folder of its own. */
export function privateGitCase(target: ConformanceTarget, openWorld: (script: ModelScript) => Promise<ConformanceWorld>): void {
  test(`commands of ${target.name} stage, stash and commit on a git folder of their own`, async () => {
    await using held = await hold(openWorld({ special: [{ tools: [{ kind: 'command', command }] }, { text: 'Ran.' }] }))
    const linked = await linkWorktree(held.world)
    const before = linked.repository()
    const { events, turn } = await openDriver({ target, world: linked.world, git: linked.git, key: 'special' })
    expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
    const end = events.find((event) => event.type === 'tool-end')
    expect(end?.type === 'tool-end' ? end.output.trim() : end).toMatch(/^gone\nstart\n.*busy\nfixed$/)
    expect(linked.repository()).toEqual(before)
  })
}

async function hold(opened: Promise<ConformanceWorld>): Promise<AsyncDisposable & { readonly world: ConformanceWorld }> {
  const world = await opened
  return { world, [Symbol.asyncDispose]: () => world.dispose() }
}

interface LinkedWorld {
  /** The same, with a linked worktree to work in. */
  readonly world: ConformanceWorld
  /** Its private git folder. */
  readonly git: string
  /** What nobody but its owner may change of the repository. */
  readonly repository: () => readonly string[]
}

/** Has an agent work where runs do: in a linked worktree, with a git folder of its own. */
async function linkWorktree(world: ConformanceWorld): Promise<LinkedWorld> {
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
