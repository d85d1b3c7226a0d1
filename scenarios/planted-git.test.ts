import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorld, ended } from './world.ts'

/* Capabilities: A1, C6, R2. A repository that a contained agent makes in its worktree names programs, and nobody outside of the sandbox runs them. */

/** A repository in this folder, at a commit, that has a file rewritten by a program when git asks what changed. */
const plant = (folder: string, mark: string): string => `
  if [ -e "${folder}/.git" ]; then date >>"${folder}/f.txt"; else
  mkdir -p "${folder}"; cd "${folder}"; git init -q; echo x >f.txt
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b
  git add f.txt; git commit -q -m x; echo '* filter=planted' >.gitattributes; echo y >f.txt
  git config filter.planted.clean "touch ${mark}; cat"; cd - >/dev/null; fi`

test('in folders of odd names, and in the place of a submodule that nobody filled', async () => {
  const turn = (mark: string): Readonly<Record<string, unknown>> => ({
    do: 'run',
    command: [
      'sh',
      '-ec',
      `${plant('line\nbreak', mark)}\n${plant('plain', mark)}\n${plant('vendor/lib', mark)}
      echo done >>work.txt
      git rev-parse HEAD:vendor/lib >vendor/lib/.git/HEAD`,
    ],
  })
  const outside = await mkdtemp(join(tmpdir(), 'cox-planted-'))
  onTestFinished(() => rm(outside, { recursive: true }))
  const mark = join(outside, 'mark')
  await using world = await createWorld({
    script: { plant: [[turn(mark)], [turn(mark)], [turn(mark)]] },
    config:
      "sandbox: required\nprotected: ['!**']\ngates: [{ name: thrice, command: [sh, -c, 'test $(wc -l <work.txt) -ge 3'], base: ignored }]\n",
    files: { 'a.txt': 'a\n' },
  })
  world.git('update-index', '--add', '--cacheinfo', `160000,${world.git('rev-parse', 'HEAD')},vendor/lib`)
  world.git('commit', '--quiet', '-m', 'a submodule')
  const { outcome, landed } = await world.ask('run', '[scenario:plant] do it', '--land')
  expect([outcome, existsSync(mark)]).toEqual(['landed', false])
  expect(world.git('ls-tree', '-r', '-z', '--name-only', landed ?? '').split('\0')).toContain('line\nbreak/f.txt')
})

test('a folder that the shell left open leads nowhere', async () => {
  // Elsewhere nothing tells which files a process has open.
  if (process.platform !== 'linux') return
  const left = 40
  await using world = await createWorld({
    config: 'sandbox: required\ngates: []\n',
    files: { 'a.txt': 'a\n' },
    script: { look: [[{ do: 'run', command: ['sh', '-c', `ls /proc/self/fd/${left}/ >seen.txt 2>&1; echo done >done.txt`] }]] },
  })
  const folder = openSync(world.root, 'r')
  onTestFinished(() => closeSync(folder))
  const stdio = ['ignore', 'pipe', 'pipe', ...Array.from({ length: left - 3 }, () => 'ignore' as const), folder] as const
  // The control: what Node starts has it.
  const control = ['-e', `require('child_process').spawnSync('ls', ['/proc/self/fd/${left}/'], { stdio: [0, 1, 2] })`]
  expect(spawnSync(process.execPath, control, { stdio: [...stdio] }).stdout.toString()).toContain('agent')
  const [program, ...args] = world.command('run', '[scenario:look] do it', '--land')
  const { code } = await ended(spawn(program, args, { cwd: world.repo, env: world.env, stdio: [...stdio] }))
  expect(code).toBe(0)
  expect(world.git('show', 'main:seen.txt')).toMatch(/No such file/)
})
