import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { createWorld, type World } from './world.ts'

/* What lies in the way of git: files of another user, a lock that was left, a history that is not here. */

const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()

interface Report {
  readonly findings: readonly { readonly subject: string; readonly what: string; readonly fix: string | null }[]
}

async function finding(world: World, subject: string): Promise<Report['findings'][number] | undefined> {
  return (await world.ask<Report>('doctor', '--agent', 'rewriter')).findings.find((one) => one.subject === subject)
}

test.concurrent('GIT-1 files of another user: every command says so with the way out, and none takes the folder for no repository', async ({
  expect,
}) => {
  // What git sees where the owner is another, also for a user who cannot give files away.
  await using world = await createWorld()
  await world.write('../bin/git', `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${git} "$@"\n`)
  await chmod(join(world.root, 'bin/git'), 0o755)
  const env = { ...world.env, PATH: `${join(world.root, 'bin')}:${process.env['PATH'] ?? ''}` }
  const called = (...args: string[]): string => {
    const [program, ...rest] = world.command(...args)
    try {
      return execFileSync(program, rest, { cwd: world.repo, env, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const { status, stderr } = error as { readonly status: number; readonly stderr: string }
      return `${stderr}exit ${status}`
    }
  }
  const told = `REPOSITORY_OF_ANOTHER: git refuses to work in ${world.repo}: its files belong to another user, and safe.directory does not list it
  If you trust what is in it: git config --global --add safe.directory ${world.repo}
exit 2`
  for (const words of [['check', '--no-cache'], ['init'], ['scan'], ['status'], ['run', 'x'], ['compile', '--check']])
    expect([words, called(...words)]).toEqual([words, told])
  execFileSync(git, ['config', '--global', '--add', 'safe.directory', world.repo], { env })
  expect(called('check', '--no-cache')).toContain('no finding')
  expect(existsSync(world.stateDir)).toBe(false)
})

test.concurrent('GIT-2 a lock that a killed git left is told with its age, and when it is gone the work lands', async ({
  expect,
}) => {
  const script = { go: [[{ do: 'write', path: 'new.txt', content: 'new\n' }]] }
  await using world = await createWorld({ script, config: 'gates: []\nlanding: { policy: auto }\n' })
  await world.write('.git/index.lock', '')
  const run = await world.ask('run', '[scenario:go] do it')
  expect([run.state, run.outcome, run.reason?.replace(/\d+ seconds?/, 'N seconds')]).toEqual([
    'blocked',
    'harness-error',
    `${world.repo}/.git/index.lock is N seconds old, and no git command that could hold it works in that repository on this machine. If nothing else uses the repository, remove it: rm '${world.repo}/.git/index.lock'. Then resume the run.`,
  ])
  expect(await finding(world, 'git lock')).toMatchObject({
    fix: `If nothing else uses the repository, remove it: rm '${world.repo}/.git/index.lock'.`,
  })
  expect(existsSync(join(world.repo, '.git/index.lock'))).toBe(true)
  execFileSync('rm', [join(world.repo, '.git/index.lock')])
  expect(await world.ask('resume', 'r1')).toMatchObject({ code: 0 })
  expect(world.git('show', 'main:new.txt')).toBe('new')
  expect(await finding(world, 'git lock')).toBeUndefined()
})

test.concurrent('GIT-3 a shallow clone says how the commit that it lacks is brought', async ({ expect }) => {
  await using world = await createWorld({ files: { 'src/a.ts': 'export const a = 1\n' } })
  world.git('checkout', '-q', '-b', 'feature')
  await world.write('src/b.ts', 'export const b = 1\n')
  world.commit('b')
  const clone = join(world.root, 'clone')
  world.git('clone', '-q', '--depth', '1', '--branch', 'feature', `file://${world.repo}`, clone)
  const check = (ref: string): ReturnType<World['cox']> => world.cox('check', '-C', clone, '--no-cache', `--changed=${ref}`)
  const fetch = 'git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main'
  expect(await check('origin/main')).toEqual({
    code: 2,
    stdout: '',
    stderr: `REF_UNKNOWN: git knows no commit "origin/main" in this shallow clone\n  If the remote has it: ${fetch} (in GitHub Actions: \`fetch-depth: 0\`).\n`,
  })
  execFileSync('sh', ['-c', fetch], { cwd: clone, stdio: 'pipe' })
  expect(await check('origin/main')).toMatchObject({ code: 0 })
  const gone = 'f'.repeat(40)
  expect((await check(gone)).stderr).toContain(`git fetch --depth=1 origin ${gone} (`)
  expect((await check('HEAD~7')).stderr).toContain('git fetch --unshallow (')
})
