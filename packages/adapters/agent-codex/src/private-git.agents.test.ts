import { openDriver, type ConformanceWorld } from '@coxswain/agents/testing'
import { linkWorktree, type ModelStep } from '@coxswain/testing'
import { afterEach, expect, test } from 'vitest'
import { codexTarget as target, openCodexWorld } from './testing/codex-target.ts'

let world: ConformanceWorld
afterEach(() => world.dispose())

test('commands of codex stage, stash and commit in a linked worktree, on a git folder of their own', async () => {
  const command =
    'git rm -q greeting.txt && git stash -q && git stash pop -q && git commit -qam gone && git log --format=%s; git config core.fsmonitor ./x 2>&1 || echo fixed'
  const steps: readonly ModelStep[] = [{ tools: [{ kind: 'command', command }] }, { text: 'Ran.' }]
  world = await openCodexWorld({ special: steps })
  const linked = await linkWorktree(world)
  const before = linked.repository()
  const { events, turn } = await openDriver({ target, world: linked.world, git: linked.git, key: 'special' })
  expect(await turn({ key: 't1', prompt: '[scenario:special]' })).toMatchObject({ status: 'completed' })
  const end = events.find((event) => event.type === 'tool-end')
  expect(end?.type === 'tool-end' ? end.output.trim() : end).toMatch(/^gone\nstart\n.*busy\nfixed$/)
  expect(linked.repository()).toEqual(before)
})
