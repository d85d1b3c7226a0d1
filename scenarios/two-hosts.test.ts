import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestPostgres } from '../packages/base/store/src/testing.ts'
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

test.runIf(canBeElsewhere())(
  'the same git folder on another machine is refused at once while the first one is at work',
  async () => {
    await using postgres = await startTestPostgres()
    await using world = await createWorld({ files: {}, env: { COXSWAIN_DATABASE_URL: postgres.url } })
    await world.cox('up', '-d')
    // Another host's name is another machine; the state is its own.
    const there = (...args: readonly string[]): string => {
      const [program, ...rest] = world.command(...args)
      const env = { ...world.env, COXSWAIN_STATE_DIR: join(world.root, 'there') }
      const shell = 'hostname elsewhere && exec "$@"'
      return run('unshare', ['--map-root-user', '--uts', 'sh', '-c', shell, 'sh', program, ...rest], { cwd: world.repo, env })
    }
    expect(there('status')).toMatch(
      /^DAEMON_ELSEWHERE: This repository is worked on elsewhere, in \S+\/repo\/\.git, and by one machine at a time/m,
    )
    expect(there('worker')).toMatch(/WORKER_ELSEWHERE: A worker needs the very git folder of the runs, which is \S+\/repo\/\.git/)
  },
)

function canBeElsewhere(): boolean {
  return run('unshare', ['--map-root-user', '--uts', 'true'], {}) === ''
}

function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): string {
  try {
    return execFileSync(program, args, { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  }
}
