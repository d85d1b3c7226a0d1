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
  'echo "*" >>info/exclude',
  'cd ..',
  'git reset --quiet mine.txt',
  'git stash drop --quiet',
  'git checkout --quiet -b theirs',
].join(' && ')

test('hooks, settings, lost branches, the stash, HEAD and what is staged: put back, named or told, and the run is blocked', async () => {
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
  await world.write('kept.txt', 'kept\n')
  world.git('stash', 'push', '--quiet', '--include-untracked', '-m', 'kept')
  await world.write('mine.txt', 'mine\n')
  world.git('add', 'mine.txt')
  const run = await world.ask<{ outcome: string; reason: string }>('run', '[scenario:escape] do it', '--land')
  expect(run.outcome).toBe('escaped')
  for (const words of [
    'hooks/post-checkout was made, and is put back',
    'core.fsmonitor was changed, and is put back',
    'refs/heads/precious was deleted',
    'info/exclude was changed, and is put back',
    'the stash lost “On main: kept”, and is put back',
    `HEAD of ${world.repo} was at main and is at theirs`,
    `what is staged in ${world.repo} was changed: mine.txt; as it was, it has a name`,
  ])
    expect(run.reason).toContain(words)
  expect(existsSync(join(world.repo, '.git/hooks/post-checkout'))).toBe(false)
  expect(world.git('config', '--get', '--default', 'none', 'core.fsmonitor')).toBe('none')
  expect(world.git('rev-parse', 'refs/coxswain/before/r1/heads/precious')).toBe(precious)
  expect(world.git('stash', 'list', '--format=%gs')).toBe('On main: kept')
  expect(world.git('status', '--short')).toBe('?? mine.txt')
  const [staged = ''] = world.git('for-each-ref', '--format=%(objectname)', 'refs/coxswain/before/r1/staged').split('\n')
  expect(world.git('show', `${staged}:mine.txt`)).toBe('mine')
  expect(world.git('ls-tree', '--name-only', 'main', 'ok.txt')).toBe('')
})
