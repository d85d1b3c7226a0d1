import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changedFiles } from './commits.ts'
import { openGit, type Git } from './open-git.ts'
import { snapshotTree } from './snapshot-tree.ts'
import { addWorktree } from './working-tree.ts'

let git: Git
beforeEach(async () => {
  git = openGit(join(await mkdtemp(join(tmpdir(), 'cox-tree-')), 'repo'))
  await mkdir(git.cwd)
  await git.run(['init', '--quiet', '-b', 'main'])
})
afterEach(() => rm(join(git.cwd, '..'), { recursive: true }))

const write = (path: string, content: string): Promise<void> => writeFile(join(git.cwd, path), content)
const commit = async (...settings: string[]): Promise<string> => {
  await git.run(['add', '--all'])
  await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', ...settings, 'commit', '--quiet', '-m', 'x'])
  return git.run(['rev-parse', 'HEAD'])
}

/** Line ends that no attribute had a say in, and a file that a filter would keep elsewhere; git must look at them again. */
async function writeOddFiles(): Promise<string> {
  for (const path of ['crlf.txt', 'edited.txt', 'run.sh']) await write(path, 'one\r\ntwo\r\n')
  await write('whole.bin', 'no pointer\n')
  await commit()
  await write('.gitattributes', '*.txt text\n*.sh text eol=lf\n*.bin filter=large\n')
  await git.run(['add', '.gitattributes'])
  await git.run(['config', 'filter.large.clean', 'sha256sum'])
  await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'attributes'])
  for (const path of ['crlf.txt', 'edited.txt', 'run.sh', 'whole.bin']) await utimes(join(git.cwd, path), 1, 1)
  return git.run(['rev-parse', 'HEAD'])
}

const changesOf = async (base: string): Promise<string[]> =>
  (await changedFiles(git, base, await snapshotTree(git, base))).map(({ path }) => path)

test('files that nobody wrote are no work, however git would keep them today', async () => {
  const base = await writeOddFiles()
  expect(await changesOf(base)).toEqual([])
  await write('edited.txt', 'one\r\nTWO\r\n')
  await write('new.txt', 'new\n')
  await git.run(['update-index', '--chmod=+x', 'run.sh'])
  await git.run(['config', 'core.fileMode', 'false'])
  expect(await changesOf(base)).toEqual(['edited.txt', 'new.txt', 'run.sh'])
})

test('where attributes change, files that are kept in another way for it are work', async () => {
  const base = await writeOddFiles()
  await write('.gitattributes', '*.txt text\n*.sh text\n')
  expect(await changesOf(base)).toEqual(['.gitattributes', 'crlf.txt', 'edited.txt', 'run.sh'])
})

test('a worktree of ours holds the whole tree where the checkout is sparse, also one of before that does not', async () => {
  for (const folder of ['in', 'out']) await mkdir(join(git.cwd, folder))
  for (const path of ['in/a', 'out/b', 'top']) await write(path, `${path}\n`)
  const base = await commit()
  await git.run(['sparse-checkout', 'set', 'in'])
  const settings = await git.run(['config', '--list', '--local'])
  const [before, made] = [join(git.cwd, '../before'), join(git.cwd, '../made')]
  await git.run(['worktree', 'add', '--quiet', '--detach', before])
  expect(await readdir(before)).toEqual(['.git', 'in', 'top'])
  expect([await addWorktree(git, before, base), await addWorktree(git, made, base)]).toEqual([false, true])
  for (const place of [before, made]) {
    expect(await readdir(place)).toEqual(['.git', 'in', 'out', 'top'])
    await writeFile(join(place, 'out/new'), 'new\n')
    const tree = await snapshotTree(openGit(place), base)
    expect((await changedFiles(git, base, tree)).map(({ path }) => path)).toEqual(['out/new'])
  }
  expect([await readdir(git.cwd), await git.run(['config', '--list', '--local'])]).toEqual([['.git', 'in', 'top'], settings])
})
