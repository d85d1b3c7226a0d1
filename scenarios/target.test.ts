import { test } from 'vitest'
import { join } from 'node:path'
import { createWorld } from './world.ts'

/* Capabilities: L1, R1. Where work lands is fixed when it is asked for, and what stands on a run's branch is not ours to move. */

const file = (path: string) => ({ do: 'write', path, content: `${path}\n` })
const script = { hello: [[file('hello.txt')]], other: [[file('other.txt')]] }

test.concurrent('a run in a linked worktree grows from its branch and lands there, whatever the main one has', async ({
  expect,
}) => {
  await using world = await createWorld({ script })
  const place = join(world.root, 'dev')
  world.git('worktree', 'add', '--quiet', '-b', 'dev', place)
  const run = await world.ask<{ outcome: string; target: string }>('run', '[scenario:hello] do it', '-C', place)
  expect([run.outcome, run.target]).toEqual(['awaiting-approval', 'dev'])
  world.git('checkout', '--quiet', '--detach')
  expect(await world.cox('show', 'r1')).toMatchObject({ code: 0, stdout: expect.stringContaining('lands on dev') })
  expect((await world.ask('approve', 'r1')).outcome).toBe('landed')
  const landed = ['dev', 'main'].map((branch) => world.git('ls-tree', '--name-only', branch, 'hello.txt'))
  expect(landed).toEqual(['hello.txt', ''])
  expect(world.git('branch', '--list', 'cox/*')).toBe('')
})

test.concurrent('an approval lands where the run was begun for, not on what was checked out since; a target that is gone stops it', async ({
  expect,
}) => {
  await using world = await createWorld({ script })
  expect((await world.ask('run', '[scenario:hello] do it')).outcome).toBe('awaiting-approval')
  world.git('checkout', '--quiet', '-b', 'feature')
  expect((await world.ask('run', '[scenario:other] do it')).outcome).toBe('awaiting-approval')
  expect((await world.ask('approve', 'r1')).outcome).toBe('landed')
  expect(['main', 'feature'].map((branch) => world.git('ls-tree', '--name-only', branch, 'hello.txt'))).toEqual(['hello.txt', ''])
  world.git('checkout', '--quiet', 'main')
  world.git('branch', '-D', 'feature')
  expect(await world.ask('approve', 'r2')).toMatchObject({
    outcome: 'harness-error',
    reason: 'The branch "feature" is gone. Restore it, then approve again.',
  })
  world.git('branch', 'feature', 'HEAD~1')
  expect((await world.ask('approve', 'r2')).outcome).toBe('landed')
})

test.concurrent('a commit of a person on the run’s branch is neither lost nor left behind in silence', async ({ expect }) => {
  await using world = await createWorld({ script })
  expect((await world.ask('run', '[scenario:hello] do it')).outcome).toBe('awaiting-approval')
  world.git('checkout', '--quiet', 'cox/r1')
  await world.write('mine.txt', 'mine\n')
  world.git('add', 'mine.txt')
  world.git('commit', '--quiet', '-m', 'mine')
  const mine = world.git('rev-parse', 'HEAD')
  world.git('checkout', '--quiet', 'main')
  expect(await world.ask('approve', 'r1')).toMatchObject({ outcome: 'branch-moved', state: 'blocked' })
  expect(world.git('rev-parse', 'cox/r1')).toBe(mine)
  world.git('branch', '-m', 'cox/r1', 'my-work')
  expect((await world.ask('approve', 'r1')).outcome).toBe('landed')
  expect(world.git('rev-parse', 'my-work')).toBe(mine)
})
