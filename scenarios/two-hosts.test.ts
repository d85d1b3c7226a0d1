import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestStore, startTestPostgres } from '../packages/base/store/src/testing.ts'
import { createWorld, openWorldAt, processesOf, until, type World } from './world.ts'

/* Capability: R2. One database, two clones of a repository: what holds today is said at once, and nothing is shared that must not be. */

interface Failure {
  readonly error: { readonly code: string; readonly message: string }
}
interface Status {
  readonly warnings: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly workers: readonly { readonly id: string }[]
}

test('a worker in another clone refuses to start; status there says where the runs are; a worker in the same clone works', async () => {
  await using postgres = await startTestPostgres()
  await using world = await createWorld({
    files: { README: 'read me\n' },
    script: { one: [[{ do: 'write', path: 'one.txt', content: 'one\n' }]] },
    env: { COXSWAIN_DATABASE_URL: postgres.url },
  })
  await world.cox('up', '-d')
  const clone = cloneOf(world, 'clone')
  const copied = cloneOf(world, 'copy')
  for (const other of [clone, copied]) {
    const refused = await other.ask<Failure>('worker')
    expect([refused.code, refused.error.code, refused.error.message]).toEqual([
      2,
      'WORKER_ELSEWHERE',
      expect.stringMatching(
        /^A worker needs the very git folder of the runs, which is \S+:\S+\/repo\/\.git; this one \(\S+\/(clone|copy)\/\.git\) is another$/,
      ),
    ])
    const status = await other.ask<Status>('status')
    expect([status.code, status.counts]).toEqual([0, {}])
    expect(status.warnings.join('\n')).toMatch(
      /The same database holds the runs of another clone, \S+:\S+\/repo\/\.git: they are told and worked on there alone\./,
    )
  }
  const second = world.start('worker', '--name', 'second')
  await until(
    async () => (await world.ask<Status>('status')).workers.some(({ id }) => id === 'second'),
    'the second worker works',
  )
  expect((await world.ask('run', '--land', '[scenario:one] do it')).outcome).toBe('landed')
  second.kill('SIGTERM')
  await until(() => !processesOf(world.root).some((command) => command.includes('--name second')), 'it has ended')
})

/** With its git folder, or by git. */
function cloneOf(world: World, name: 'clone' | 'copy'): World {
  const place = join(world.root, name)
  if (name === 'copy') execFileSync('cp', ['-a', world.repo, place])
  else execFileSync('git', ['clone', '--quiet', world.repo, place])
  return openWorldAt({ root: world.root, repo: place, env: world.env })
}

test('while the same repository is worked on elsewhere, a daemon and a worker are refused at once', async () => {
  await using postgres = await startTestPostgres()
  await using world = await createWorld({ files: {}, env: { COXSWAIN_DATABASE_URL: postgres.url } })
  expect((await world.cox('status')).code).toBe(0)
  const far = await openTestStore(postgres.url, { repository: basename(world.state()), workerId: 'far' })
  const path = '/far/repo/.git'
  await far.workers.heartbeat({ host: 'far', pid: 1, place: { machine: 'far', path, device: '1', inode: '2' } })
  for (const [word, code] of [
    ['status', 'DAEMON_ELSEWHERE'],
    ['worker', 'WORKER_ELSEWHERE'],
  ] as const) {
    const { error } = await world.ask<Failure>(word)
    expect([error.code, error.message]).toEqual([code, expect.stringContaining('far:/far/repo/.git')])
  }
  await far.close()
})
