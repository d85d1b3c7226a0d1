import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { guardedChanges, putBack, readGuarded } from './guarded.ts'
import type { Git } from './open-git.ts'
import { openGit } from './open-git.ts'
import { openRepository, type Repository } from './repository.ts'

let root: string
let git: Git
let repository: Repository
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-guarded-'))
  git = openGit(join(root, 'repo'))
  await mkdir(git.cwd)
  await git.run(['init', '--quiet', '-b', 'main'])
  await git.run(['config', 'user.name', 'A'])
  await git.run(['config', 'user.email', 'a@b'])
  for (const name of ['one', 'two']) await git.run(['commit', '--quiet', '--allow-empty', '-m', name])
  repository = await openRepository(git.cwd)
})
afterEach(() => rm(root, { recursive: true }))

const nothingOfOurs = (): boolean => false
const inGit = (path: string): string => join(git.cwd, '.git', path)

test('what a person does in the ordinary way is no change', async () => {
  const before = await readGuarded(repository, nothingOfOurs)
  await git.run(['commit', '--quiet', '--allow-empty', '-m', 'three'])
  await git.run(['branch', 'feature'])
  await git.run(['update-ref', 'refs/remotes/origin/main', 'HEAD'])
  await git.run(['config', 'branch.feature.description', 'x'])
  await git.run(['config', 'user.name', 'B'])
  expect(await guardedChanges(repository, before, await readGuarded(repository, nothingOfOurs), nothingOfOurs)).toEqual([])
})

test('what git runs is put back as it was, with what stood there kept, and what a branch lost has a name', async () => {
  await writeFile(inGit('hooks/pre-push'), '#!/bin/sh\nmine\n')
  await chmod(inGit('hooks/pre-push'), 0o755)
  await git.run(['config', 'alias.st', 'status'])
  await git.run(['config', '--add', 'include.path', 'one'])
  await git.run(['branch', 'gone'])
  const before = await readGuarded(repository, nothingOfOurs)
  const [tip, config] = [before.refs['refs/heads/main'] ?? '', await readFile(inGit('config'), 'utf8')]
  await writeFile(inGit('hooks/pre-push'), '#!/bin/sh\nevil\n')
  await writeFile(inGit('hooks/post-checkout'), '#!/bin/sh\nevil\n')
  await writeFile(inGit('info/attributes'), '* filter=evil\n')
  await git.run(['config', 'alias.st', '!evil'])
  await git.run(['config', '--add', 'include.path', 'line\nbreak'])
  await git.run(['config', 'filter.evil.clean', 'evil'])
  await git.run(['config', 'core.hooksPath', '/tmp/x'])
  await git.run(['reset', '--quiet', '--soft', 'HEAD~1'])
  await git.run(['branch', '-D', 'gone'])
  const changes = await guardedChanges(repository, before, await readGuarded(repository, nothingOfOurs), nothingOfOurs)
  expect(
    changes.map((change) => ('key' in change ? change.key : 'path' in change ? change.path : 'ref' in change ? change.ref : '')),
  ).toEqual([
    'hooks/post-checkout',
    'hooks/pre-push',
    'info/attributes',
    'alias.st',
    'include.path',
    'core.hookspath',
    'filter.evil.clean',
    'refs/heads/gone',
    'refs/heads/main',
  ])
  await putBack(repository, changes, { kept: join(root, 'kept'), name: 'r1' })
  const after = await readGuarded(repository, nothingOfOurs)
  expect(after.files).toEqual(before.files)
  const settings = async (text: string): Promise<string[]> =>
    (await git.run(['config', '-z', '--no-includes', '--file', '-', '--list'], { stdin: text })).split('\0').toSorted()
  expect(await settings(after.settings['config'] ?? '')).toEqual(await settings(config))
  expect(await readFile(join(root, 'kept/hooks/pre-push'), 'utf8')).toContain('evil')
  expect(after.refs['refs/coxswain/before/r1/heads/main']).toBe(tip)
  expect(after.refs['refs/coxswain/before/r1/heads/gone']).toBe(tip)
})

test('where people work: HEAD, what is staged, worktrees and the stash, told; what was lost comes back or has a name', async () => {
  const inRepo = (path: string): string => join(git.cwd, path)
  await writeFile(inRepo('a.txt'), 'one\n')
  await git.run(['add', 'a.txt'])
  await git.run(['commit', '--quiet', '-m', 'a'])
  await git.run(['branch', 'feature'])
  await git.run(['worktree', 'add', '--quiet', '-b', 'beside', join(root, 'beside')])
  await git.run(['worktree', 'add', '--quiet', '-b', 'left', join(root, 'left')])
  for (const words of ['older', 'newer']) {
    await writeFile(inRepo('a.txt'), `${words}\n`)
    await git.run(['stash', 'push', '--quiet', '-m', words])
  }
  await writeFile(inRepo('mine.txt'), 'mine\n')
  await git.run(['add', 'mine.txt'])
  const read = (): ReturnType<typeof readGuarded> => readGuarded(repository, (place) => place.endsWith('/ours'))
  const before = await read()
  const beside = openGit(join(root, 'beside'))
  await writeFile(join(beside.cwd, 'b.txt'), 'b\n')
  for (const args of [
    ['add', 'b.txt'],
    ['rm', '--quiet', '--cached', 'a.txt'],
  ])
    await beside.run(args)
  await git.run(['reset', '--quiet', 'mine.txt'])
  await git.run(['worktree', 'remove', '--force', join(root, 'left')])
  await git.run(['worktree', 'add', '--quiet', '--detach', join(root, 'ours')])
  await git.run(['stash', 'drop', '--quiet', 'stash@{1}'])
  await git.run(['replace', 'feature', 'HEAD~1'])
  await writeFile(inGit('info/exclude'), 'evil\n')
  const changes = await guardedChanges(repository, before, await read(), nothingOfOurs)
  const [older] = before.stash.filter(({ words }) => words.includes('older'))
  expect(changes.map(({ kind }) => kind)).toEqual(['file', 'replacement', 'stash', 'staged', 'staged', 'worktree'])
  expect(changes.slice(2)).toMatchObject([
    { lost: [older], added: [] },
    { place: git.cwd, paths: ['mine.txt'] },
    { place: beside.cwd, paths: ['a.txt', 'b.txt'], was: null },
    { place: join(root, 'left'), isGone: true },
  ])
  await git.run(['replace', '-d', 'feature'])
  await putBack(repository, changes, { kept: join(root, 'kept'), name: 'r1' })
  expect((await read()).stash.map(({ words }) => words)).toEqual(['On main: older', 'On main: newer'])
  expect(await git.run(['show', 'refs/coxswain/before/r1/staged/3:mine.txt'])).toBe('mine')
  expect(await readFile(inGit('info/exclude'), 'utf8')).not.toContain('evil')
})

test('HEAD that went to another branch is told; commits, and landings that the index is yet to follow, are ordinary', async () => {
  await writeFile(join(git.cwd, 'a.txt'), 'one\n')
  await git.run(['add', 'a.txt'])
  await git.run(['commit', '--quiet', '-m', 'a'])
  await git.run(['branch', 'feature'])
  const read = (): ReturnType<typeof readGuarded> => readGuarded(repository, () => false)
  const told = async (before: Awaited<ReturnType<typeof read>>): Promise<unknown> =>
    guardedChanges(repository, before, await read(), nothingOfOurs)
  const first = await read()
  await writeFile(join(git.cwd, 'a.txt'), 'two\n')
  await git.run(['commit', '--quiet', '-am', 'by hand'])
  expect(await told(first)).toEqual([])
  const [tip, tree] = [await git.run(['rev-parse', 'HEAD']), await git.run(['rev-parse', 'HEAD~1^{tree}'])]
  await git.run(['update-ref', 'refs/heads/main', await git.run(['commit-tree', tree, '-p', tip, '-m', 'landed'])])
  expect(await told(first)).toEqual([]) // the index still holds what was there before
  const between = await read()
  await git.run(['read-tree', 'HEAD'])
  expect(await told(between)).toEqual([])
  await git.run(['checkout', '--quiet', '--force', 'feature'])
  expect(await told(between)).toEqual([{ kind: 'head', place: git.cwd, was: 'refs/heads/main', now: 'refs/heads/feature' }])
})

test('settings of one working tree are looked at as those of all', async () => {
  await git.run(['config', 'extensions.worktreeConfig', 'true'])
  const before = await readGuarded(repository, null)
  await git.run(['config', '--worktree', 'core.fsmonitor', 'evil'])
  const changes = await guardedChanges(repository, before, await readGuarded(repository, null), nothingOfOurs)
  expect(changes).toEqual([{ kind: 'setting', path: 'config.worktree', key: 'core.fsmonitor', was: [] }])
  await putBack(repository, changes, { kept: join(root, 'kept'), name: 'r1' })
  expect(await git.run(['config', '--list'])).not.toContain('evil')
})
