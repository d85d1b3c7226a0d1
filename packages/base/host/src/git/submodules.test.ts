import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openGit } from './open-git.ts'
import { snapshotTree } from './snapshot-tree.ts'
import { changedSubmodules, fillSubmodules } from './submodules.ts'
import { addWorktree, detachAt } from './working-tree.ts'

let root: string
const at = (path: string): string => join(root, path)
const identity = ['-c', 'user.name=A', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always']
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', [...identity, ...args], { cwd: at(folder), encoding: 'utf8' }).trim()

async function commitFile(folder: string, path: string, content: string): Promise<void> {
  await writeFile(join(at(folder), path), content)
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '-m', path)
}

const fill = (): Promise<string[]> => fillSubmodules(openGit(at('tree')), at('repo/.git/modules'))
const changed = (): Promise<string[]> => changedSubmodules(openGit(at('tree')), at('repo/.git/modules'))
const read = (path: string): Promise<string> => readFile(at(path), 'utf8')

/** A repository with the submodule `a lib`, which has the submodule `inner`; and a worktree of it. */
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'cox-submodules-')))
  for (const folder of ['inner', 'lib', 'repo']) {
    await mkdir(at(folder))
    git(folder, 'init', '--quiet', '-b', 'main')
    await commitFile(folder, 'a.txt', `${folder}\n`)
  }
  git('lib', 'submodule', '--quiet', 'add', at('inner'), 'inner')
  git('lib', 'commit', '--quiet', '-m', 'inner')
  git('repo', 'submodule', '--quiet', 'add', at('lib'), 'a lib')
  git('repo', 'submodule', '--quiet', 'update', '--init', '--recursive')
  git('repo', 'commit', '--quiet', '-m', 'lib')
  // From here on only the main checkout knows them.
  for (const folder of ['inner', 'lib']) await rm(at(folder), { recursive: true })
  await addWorktree(openGit(at('repo')), at('tree'), 'HEAD')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('submodules of a worktree are filled from the main checkout, and theirs too', async () => {
  expect(await fill()).toEqual([])
  expect([await read('tree/a lib/a.txt'), await read('tree/a lib/inner/a.txt')]).toEqual(['lib\n', 'inner\n'])
  expect(git('tree', 'status', '--porcelain')).toBe('')
  expect(git('repo', 'status', '--porcelain')).toBe('')
})

test('they follow the commit, and what was left in them is gone', async () => {
  await fill()
  await commitFile('repo/a lib', 'a.txt', 'later\n')
  git('repo', 'commit', '--quiet', '--all', '-m', 'bump')
  await writeFile(at('tree/a lib/a.txt'), 'changed')
  await writeFile(at('tree/a lib/inner/new.txt'), 'new')
  await detachAt(openGit(at('tree')), git('repo', 'rev-parse', 'HEAD'))
  expect(await fill()).toEqual([])
  expect(await read('tree/a lib/a.txt')).toBe('later\n')
  expect(await changed()).toEqual([])
})

test('work inside is found: edits, new files, commits that nobody else has, at any depth', async () => {
  await fill()
  expect(await changed()).toEqual([])
  await writeFile(at('tree/a lib/inner/new.txt'), 'new')
  expect(await changed()).toEqual(['a lib/inner'])
  await commitFile('tree/a lib', 'a.txt', 'mine\n')
  expect(await changed()).toEqual(['a lib'])
})

test('a commit that the main checkout does not have is told with the next step', async () => {
  const unknown = '1'.repeat(40)
  git('tree', 'update-index', '--cacheinfo', `160000,${unknown},a lib`)
  expect(await fill()).toEqual([
    `The submodule a lib is at 1111111111, which ${at('repo/.git/modules/a lib')} does not have. Update it in your checkout: git submodule update --init a lib`,
  ])
})

test('what is not initialised in the main checkout stays empty', async () => {
  git('repo', 'submodule', '--quiet', 'deinit', '--force', 'a lib')
  await rm(at('repo/.git/modules'), { recursive: true })
  expect([await fill(), await changed()]).toEqual([[], []])
})

test('a repository that an agent puts in the place of a submodule is not asked anything, and is replaced', async () => {
  await fill()
  await rm(at('tree/a lib/.git'))
  git('tree/a lib', 'init', '--quiet')
  git('tree/a lib', 'config', 'filter.planted.clean', `touch ${at('planted')}`)
  await writeFile(at('tree/a lib/.gitattributes'), '* filter=planted\n')
  expect(await changed()).toEqual(['a lib'])
  expect(await fill()).toEqual([])
  await expect(read('planted')).rejects.toThrow('ENOENT')
  expect([await read('tree/a lib/a.txt'), git('tree', 'status', '--porcelain')]).toEqual(['lib\n', ''])
})

test('names and paths that lead out of the tree are left alone', async () => {
  await writeFile(
    at('tree/.gitmodules'),
    '[submodule "../../x"]\n\tpath = a lib\n[submodule "a lib"]\n\tpath = ../repo\n[submodule "."]\n\tpath = .\n',
  )
  expect([await fill(), await changed()]).toEqual([[], []])
  await writeFile(at('tree/.gitmodules'), 'no such syntax [\n')
  expect([await fill(), await changed()]).toEqual([[], []])
})

/** A repository whose own settings name a program, for git to run when it asks whether the repository is clean. */
async function plant(folder: string): Promise<void> {
  git(folder, 'config', 'filter.planted.clean', `touch ${at('planted')}; cat`)
  await writeFile(join(at(folder), '.gitattributes'), '* filter=planted\n')
  await writeFile(join(at(folder), 'a.txt'), 'other\n')
}

test('work is written down without asking what stands in the place of a submodule', async () => {
  await fill()
  const tree = openGit(at('tree'))
  const base = git('tree', 'rev-parse', 'HEAD')
  const recorded = git('tree', 'rev-parse', 'HEAD:a lib')
  await rm(at('tree/a lib'), { recursive: true })
  git('tree', 'clone', '--quiet', at('repo/.git/modules/a lib'), 'a lib')
  await plant('tree/a lib')
  // The control: git by itself runs what is planted.
  execFileSync('git', ['add', '--all', '--dry-run'], { cwd: at('tree') })
  await rm(at('planted'))
  for (const folder of ['line\nbreak', 'plain']) {
    git('tree', 'clone', '--quiet', at('repo/.git/modules/a lib'), folder)
    await plant(`tree/${folder}`)
  }
  for (let turn = 0; turn < 2; turn += 1) {
    const written = await snapshotTree(tree, base)
    expect(git('tree', 'ls-tree', '-r', '-z', '--name-only', written).split('\0')).toEqual(
      expect.arrayContaining(['a lib', 'line\nbreak/a.txt', 'plain/a.txt']),
    )
    expect(git('tree', 'rev-parse', `${written}:a lib`)).toBe(recorded)
  }
  await expect(read('planted')).rejects.toThrow('ENOENT')
})

test('a repository in a folder whose name is no text becomes plain files too', async () => {
  const base = git('tree', 'rev-parse', 'HEAD')
  await mkdir(at('aside'))
  await mkdir(at('tree/plain'))
  git('tree/plain', 'init', '--quiet')
  await commitFile('tree/plain', 'a.txt', 'a\n')
  await plant('tree/plain')
  await rename(at('tree/plain'), Buffer.concat([Buffer.from(at('tree/')), Buffer.from([0x62, 0xff])]))
  for (let turn = 0; turn < 2; turn += 1) {
    const written = await snapshotTree(openGit(at('tree')), base, at('aside'))
    expect(git('tree', 'ls-tree', '-r', '--name-only', written)).toContain(String.raw`"b\377/a.txt"`)
  }
  await expect(read('planted')).rejects.toThrow('ENOENT')
})

test('a submodule that moved to another commit, or is gone, is written down so', async () => {
  await fill()
  const base = git('tree', 'rev-parse', 'HEAD')
  await commitFile('tree/a lib', 'b.txt', 'mine\n')
  const head = git('tree/a lib', 'rev-parse', 'HEAD')
  expect(git('tree', 'rev-parse', `${await snapshotTree(openGit(at('tree')), base)}:a lib`)).toBe(head)
  await rm(at('tree/a lib'), { recursive: true })
  await writeFile(at('tree/a lib'), 'a file\n')
  expect(git('tree', 'ls-tree', await snapshotTree(openGit(at('tree')), base), 'a lib')).toContain('100644 blob')
})

test('the git folder of a repository that was made inside goes aside as it is', async () => {
  const base = git('tree', 'rev-parse', 'HEAD')
  await mkdir(at('aside'))
  await mkdir(at('tree/deep/er'), { recursive: true })
  git('tree/deep/er', 'init', '--quiet')
  await commitFile('tree/deep/er', 'a.txt', 'a\n')
  const { ino } = await stat(at('tree/deep/er/.git'))
  const written = await snapshotTree(openGit(at('tree')), base, at('aside'))
  expect(git('tree', 'cat-file', '-p', `${written}:deep/er/a.txt`)).toBe('a')
  const [moved = ''] = await readdir(at('aside'))
  expect((await stat(at(`aside/${moved}`))).ino).toBe(ino)
})
