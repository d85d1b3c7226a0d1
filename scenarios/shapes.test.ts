import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, openWorldAt, type World } from './world.ts'

/* Capabilities: U1, K1, R1. Repositories of every shape: names, links, submodules, filters, size. */

const file = (path: string, content = `${path}\n`): Readonly<Record<string, unknown>> => ({ do: 'write', path, content })

const land = (world: World, scenario: string, ...flags: string[]) =>
  world.ask('run', `[scenario:${scenario}] do it`, '--land', ...flags)

test.concurrent.each(['- a "repo" ü 日本', '--help'])('a repository in a folder that is called %s', async (name) => {
  await using world = await createWorld({
    name,
    script: { hello: [[file('hello.txt')]] },
    config: 'gates: [{ name: test, command: [test, -e, hello.txt], base: ignored }]\n',
  })
  expect((await land(world, 'hello', '-C', world.repo)).outcome).toBe('landed')
  expect(await world.read('hello.txt')).toBe('hello.txt\n')
})

test.concurrent('a repository whose git folder stands elsewhere, of another hash, with hooks that refuse every commit', async ({
  expect,
}) => {
  await using world = await createWorld({ script: { hello: [[file('hello.txt')]] } })
  await rm(join(world.repo, '.git'), { recursive: true })
  world.git('init', '--quiet', '-b', 'main', '--object-format=sha256', `--separate-git-dir=${join(world.root, 'elsewhere')}`)
  await rm(join(world.repo, 'harness'), { recursive: true })
  expect((await world.cox('init')).code).toBe(0)
  await world.write('harness/harness.yaml', `agent: '${world.agent}'\n`)
  world.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'add', '--all')
  world.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '--quiet', '-m', 'first')
  for (const hook of ['pre-commit', 'commit-msg'])
    await writeFile(join(world.root, 'elsewhere/hooks', hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  expect(await land(world, 'hello')).toMatchObject({ outcome: 'landed', reason: null })
  expect([await world.read('hello.txt'), world.git('status', '--porcelain')]).toEqual(['hello.txt\n', ''])
})

test.concurrent('a shallow, partial, sparse clone on a branch with an odd name, in nobody’s name', async ({ expect }) => {
  await using origin = await createWorld({
    files: { 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' },
    config: 'gates: [{ name: whole, command: [grep, -q, b, out/b.txt] }]\n',
    script: { both: [[file('in/new.txt'), file('out/new.txt')]] },
  })
  const branch = "feature/テスト-#1+ü'$(x)"
  origin.git('checkout', '--quiet', '-b', branch)
  origin.commit('second')
  origin.git('config', 'uploadpack.allowFilter', 'true')
  const root = join(origin.root, 'there')
  await mkdir(root)
  const how = ['--quiet', '--depth=1', '--filter=blob:none', '--sparse', '--branch', branch]
  origin.git('clone', ...how, `file://${origin.repo}`, join(root, 'clone'))
  await using world = openWorldAt({ root, repo: join(root, 'clone'), env: origin.env })
  world.git('sparse-checkout', 'set', 'in', 'harness')
  expect(await land(world, 'both')).toMatchObject({ outcome: 'landed', gateFailures: 0 })
  expect(world.git('show', '--format=%an', '--name-status', `refs/heads/${branch}`).split('\n')).toEqual([
    'Coxswain',
    '',
    'A\tin/new.txt',
    'A\tout/new.txt',
  ])
  expect([existsSync(join(world.repo, 'in/new.txt')), existsSync(join(world.repo, 'out'))]).toEqual([true, false])
  expect(world.git('status', '--porcelain')).toBe('')
})

test.concurrent('links out of the tree are not written through; submodules and pointer files stay as they are', async ({
  expect,
}) => {
  await using world = await createWorld({
    files: {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    },
    script: { through: [[file('out/planted.txt'), file('beside.txt')]] },
  })
  await mkdir(join(world.root, 'outside'))
  await symlink(join(world.root, 'outside'), join(world.repo, 'out'))
  const other = join(world.root, 'other')
  world.git('clone', '--quiet', '.', other)
  world.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'lib')
  world.commit('links and submodules')
  const before = world.git('ls-tree', '-r', 'main')
  const { outcome, landed } = await land(world, 'through')
  expect(outcome).toBe('landed')
  expect(world.git('show', '--format=', '--name-only', landed ?? '')).toBe('beside.txt')
  expect(
    world
      .git('ls-tree', '-r', 'main')
      .split('\n')
      .filter((line) => !line.endsWith('\tbeside.txt')),
  ).toEqual(before.split('\n'))
  const { findings } = await world.ask<{ findings: { subject: string; status: string }[] }>('doctor')
  const isContained = findings.some(({ subject, status }) => subject === 'sandbox' && status === 'ok')
  expect(existsSync(join(world.root, 'outside/planted.txt'))).toBe(!isContained)
})

test.concurrent('submodules stand in a worktree as in the checkout; a change inside one is no part of the work, and not lost in silence', async ({
  expect,
}) => {
  await using world = await createWorld({
    config: 'gates: [{ name: test, command: [sh, -c, cat lib/a.txt && touch lib/report] }]\n',
    script: {
      hello: [[file('hello.txt')]],
      inside: [[file('lib/a.txt', 'mine\n'), file('inside.txt')], [file('lib/a.txt', 'a\n')]],
      stubborn: [[file('lib/new.txt')], [], [], []],
    },
  })
  const lib = join(world.root, 'lib')
  await mkdir(lib)
  await writeFile(join(lib, 'a.txt'), 'a\n')
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-qm', 'a'],
  ])
    world.git('-C', lib, ...args)
  world.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', lib, 'lib')
  world.commit('a submodule')
  await rm(lib, { recursive: true })
  expect(await land(world, 'hello')).toMatchObject({ outcome: 'landed', gateFailures: 0 })
  const repaired = await land(world, 'inside')
  expect(repaired).toMatchObject({ outcome: 'landed', turns: 2, gateFailures: 1 })
  expect(world.git('show', '--format=', '--name-only', repaired.landed ?? '')).toBe('inside.txt')
  const { outcome, reason } = await land(world, 'stubborn')
  expect([outcome, reason]).toEqual(['blocked', expect.stringContaining('Submodules were changed: lib.')])
  expect(world.git('status', '--porcelain')).toBe('')
})

test.concurrent('a filter whose program is missing is told with the words of git', async ({ expect }) => {
  await using world = await createWorld({
    files: { '.gitattributes': '*.bin filter=absent\n', 'a.bin': 'pointer\n' },
    script: { hello: [[file('hello.txt')]] },
  })
  world.git('config', 'filter.absent.required', 'true')
  world.git('config', 'filter.absent.smudge', 'no-such-filter smudge')
  const { code, outcome, reason } = await land(world, 'hello')
  expect([code, outcome]).toEqual([1, 'harness-error'])
  expect(reason).toMatch(/a\.bin: smudge filter absent failed.*Then resume the run\.$/s)
  world.git('config', 'filter.absent.required', 'false')
  expect((await world.ask('resume', 'r1')).outcome).toBe('landed')
})

interface Filter {
  readonly name: string
  /** What stands in commits. */
  readonly kept: RegExp
}

/** Git LFS where the machine has it (`.ci/run` installs it), or a filter that keeps another text as well: what is contained has no store of its own. */
function filterLargeFiles(world: World): Filter {
  if (spawnSync('git', ['lfs', 'version']).status === 0) {
    world.git('lfs', 'install', '--local')
    return { name: 'lfs', kept: /^version https:\/\/git-lfs\.\S+\noid sha256:\w{64}\nsize 5000$/ }
  }
  for (const [key, value] of Object.entries({ clean: 'base64', smudge: 'base64 -d', required: 'true' }))
    world.git('config', `filter.large.${key}`, value)
  return { name: 'large', kept: /^(?:[\w+/]{76}\n){80,}[\w+/=]+$/ }
}

test.concurrent('files that Git LFS keeps are whole for agents and gates, and pointers in the commits', async ({ expect }) => {
  const large = (letter: string): string => letter.repeat(5_000)
  await using world = await createWorld({
    config: "protected: ['!big.bin']\ngates: [{ name: whole, command: [grep, -q, '^[xz]*$', big.bin] }]\n",
    script: { more: [[file('new.bin', large('y'))]], change: [[file('big.bin', large('z'))]] },
  })
  const { name: filter, kept } = filterLargeFiles(world)
  await world.write('.gitattributes', `*.bin filter=${filter} -text\n`)
  await world.write('big.bin', large('x'))
  world.commit('a large file')
  for (const name of ['more', 'change']) expect(await land(world, name)).toMatchObject({ outcome: 'landed', gateFailures: 0 })
  expect([await world.read('big.bin'), await world.read('new.bin')]).toEqual([large('z'), large('y')])
  for (const path of ['big.bin', 'new.bin']) expect(world.git('show', `main:${path}`)).toMatch(kept)
  expect(world.git('status', '--porcelain')).toBe('')
})

test.concurrent('a repository of 10,000 files', async ({ expect }) => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`seed-${index}.txt`, `${index}\n`]))
  await using world = await createWorld({ files, script: { hello: [[file('hello.txt')]] } })
  const tree = world.git('rev-parse', 'HEAD^{tree}')
  const entries = Array.from({ length: 500 }, (_, index) => `040000 tree ${tree}\tpackage-${index}`)
  const wide = world.pipe(`${entries.join('\n')}\n${world.git('ls-tree', 'HEAD')}\n`, 'mktree')
  world.git('reset', '--quiet', '--hard', world.git('commit-tree', wide, '-p', 'HEAD', '-m', 'wide'))
  expect((await land(world, 'hello')).outcome).toBe('landed')
  expect(world.git('status', '--porcelain')).toBe('')
})
