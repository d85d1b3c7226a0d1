import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/* Capabilities: R1, R2, C6. What git would wait for, or cannot name, ends with the turn that left it: neither this run nor the next in its slot is held up. */

const left = `
  mkfifo .gitignore .gitattributes .mailmap; ln -s /dev/zero .gitmodules
  mkdir -p deep/er; mkfifo deep/er/.gitignore; rm a.txt; mkfifo a.txt
  perl -e 'my $n = "d" x 200; for (1 .. 60) { mkdir $n; chdir $n }'
  echo done >done.txt`

test('pipes, links to devices and folders without end are gone, and told', async () => {
  await using world = await createWorld({
    config: 'sandbox: required\ngates: []\n',
    files: { 'a.txt': 'a\n' },
    script: {
      pipes: [[{ do: 'run', command: ['sh', '-c', left] }]],
      // Whatever it leaves after its last turn is the next one's to find.
      honest: [[{ do: 'write', path: 'honest.txt', content: 'h\n' }]],
    },
  })
  const run = await world.ask('run', '[scenario:pipes] do it', '--land')
  expect(run.outcome).toBe('landed')
  expect(world.git('ls-tree', '--name-only', 'main', 'done.txt')).toBe('done.txt')
  expect(world.git('ls-tree', '--name-only', 'main', 'a.txt', '.gitignore')).toBe('')
  const told = (await world.cox('logs', run.id)).stdout
  expect(told).toContain('the agent left what is no file, and it is removed')
  expect((await world.ask('run', '[scenario:honest] do it', '--land')).outcome).toBe('landed')
  expect(existsSync(join(world.repo, 'honest.txt'))).toBe(true)
})
