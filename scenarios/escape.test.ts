import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/* Capabilities: R1, L1. An agent that nothing contains writes into the repository itself: that is told and put back, and lands nothing. */

const attack = [
  'cd "$(git rev-parse --path-format=absolute --git-common-dir)"',
  'printf "#!/bin/sh\\n" >hooks/post-checkout; chmod +x hooks/post-checkout',
  'git config core.fsmonitor /tmp/evil',
  'git update-ref -d refs/heads/precious',
].join(' && ')

test('hooks, settings and lost branches: put back or named, and the run is blocked', async () => {
  await using world = await createWorld({
    config: 'sandbox: "off"\n',
    script: {
      escape: [
        [
          { do: 'run', command: ['sh', '-c', attack] },
          { do: 'write', path: 'ok.txt', content: 'ok\n' },
        ],
      ],
    },
  })
  world.git('branch', 'precious', world.git('commit-tree', '-m', 'precious', 'HEAD^{tree}'))
  const precious = world.git('rev-parse', 'precious')
  const run = await world.ask<{ outcome: string; reason: string }>('run', '[scenario:escape] do it', '--land')
  expect(run.outcome).toBe('escaped')
  for (const words of [
    'hooks/post-checkout was made, and is put back',
    'core.fsmonitor was changed, and is put back',
    'refs/heads/precious was deleted',
  ])
    expect(run.reason).toContain(words)
  expect(existsSync(join(world.repo, '.git/hooks/post-checkout'))).toBe(false)
  expect(world.git('config', '--get', '--default', 'none', 'core.fsmonitor')).toBe('none')
  expect(world.git('rev-parse', 'refs/coxswain/before/r1/heads/precious')).toBe(precious)
  expect(world.git('ls-tree', '--name-only', 'main', 'ok.txt')).toBe('')
})
