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
  const before = await readGuarded(repository)
  await git.run(['commit', '--quiet', '--allow-empty', '-m', 'three'])
  await git.run(['branch', 'feature'])
  await git.run(['update-ref', 'refs/remotes/origin/main', 'HEAD'])
  await git.run(['config', 'branch.feature.description', 'x'])
  await git.run(['config', 'user.name', 'B'])
  await writeFile(inGit('info/exclude'), 'x\n')
  expect(await guardedChanges(repository, before, await readGuarded(repository), nothingOfOurs)).toEqual([])
})

test('what git runs is put back as it was, with what stood there kept, and what a branch lost has a name', async () => {
  await writeFile(inGit('hooks/pre-push'), '#!/bin/sh\nmine\n')
  await chmod(inGit('hooks/pre-push'), 0o755)
  await git.run(['config', 'alias.st', 'status'])
  await git.run(['config', '--add', 'include.path', 'one'])
  await git.run(['branch', 'gone'])
  const before = await readGuarded(repository)
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
  const changes = await guardedChanges(repository, before, await readGuarded(repository), nothingOfOurs)
  expect(
    changes.map((change) => ('path' in change ? change.path : 'key' in change ? change.key : 'ref' in change ? change.ref : '')),
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
  const after = await readGuarded(repository)
  expect(after.files).toEqual(before.files)
  const settings = async (text: string): Promise<string[]> =>
    (await git.run(['config', '-z', '--no-includes', '--file', '-', '--list'], { stdin: text })).split('\0').toSorted()
  expect(await settings(after.config)).toEqual(await settings(config))
  expect(await readFile(join(root, 'kept/hooks/pre-push'), 'utf8')).toContain('evil')
  expect(after.refs['refs/coxswain/before/r1/heads/main']).toBe(tip)
  expect(after.refs['refs/coxswain/before/r1/heads/gone']).toBe(tip)
})
