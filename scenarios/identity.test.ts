import { execFileSync } from 'node:child_process'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, openWorldAt } from './world.ts'

/* Capabilities: R2, U1. What a repository has done goes along with it; a copy of it is another one. */

interface Status {
  readonly warnings: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

test('a repository that is moved keeps its runs and goes on; a copy of it begins anew and says so', async () => {
  const write = (path: string) => ({ do: 'write', path, content: `${path}\n` })
  await using world = await createWorld({
    config: 'gates: [{ name: test, command: [test, -e, README] }]\n',
    files: { README: 'read me\n' },
    script: { one: [[write('one.txt')]], two: [[write('two.txt')]] },
  })
  expect((await world.ask('run', '[scenario:one] do it')).outcome).toBe('awaiting-approval')
  const moved = join(world.root, 'moved')
  renameSync(world.repo, moved)
  execFileSync('cp', ['-a', moved, join(world.root, 'copy')])
  const there = openWorldAt({ root: world.root, repo: moved, env: world.env })
  expect(await there.ask('approve', 'r1')).toMatchObject({ outcome: 'landed', code: 0 })
  expect(await there.ask('run', '--land', '[scenario:two] do it')).toMatchObject({ id: 'r2', outcome: 'landed', reason: null })
  expect([
    readdirSync(world.stateDir).filter((name) => name.startsWith('repo-')).length,
    there.git('log', '--format=%s', '-2'),
  ]).toEqual([1, '[scenario:two] do it\n[scenario:one] do it'])
  const copy = openWorldAt({ root: world.root, repo: join(world.root, 'copy'), env: world.env })
  const status = await copy.ask<Status>('status')
  expect([status.counts, status.warnings.join('\n')]).toEqual([
    {},
    expect.stringMatching(
      /^This repository is a copy of one that Coxswain knows as repo-[0-9a-f]{10}: it begins with no runs, and those of that one stay there\./,
    ),
  ])
  expect((await there.ask<Status>('status')).counts).toEqual({ landed: 2 })
  renameSync(moved, world.repo)
})
