import { openGit, openRepository, resetTo, resolveCommit, snapshotTree, type Repository } from '@coxswain/host'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorktreePool, type WorktreePool } from './worktree-pool.ts'

let root: string
let slots: string
let repository: Repository
let pool: WorktreePool
let cleared: string[]

const clear = async (path: string): Promise<readonly string[]> => {
  cleared.push(basename(path))
  if (existsSync(join(path, 'flooded'))) throw new Error('flooded')
  return []
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: join(root, 'repo'), encoding: 'utf8' }).trim()

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-pool-'))
  await mkdir(join(root, 'repo'))
  git('init', '--quiet', '-b', 'main')
  await writeFile(join(root, 'repo/a.txt'), 'a\n')
  git('add', '.')
  git('-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'first')
  repository = await openRepository(join(root, 'repo'))
  slots = join(root, 'worktrees')
  cleared = []
  pool = openWorktreePool(repository, slots, clear)
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('an owner keeps its worktree, also in another life, and a free one is taken again', async () => {
  const first = await pool.acquire('r1')
  expect((await openWorktreePool(repository, slots, clear).acquire('r1')).path).toBe(first.path)
  const second = await pool.acquire('r2')
  expect([basename(first.path), basename(second.path)]).toEqual(['w1', 'w2'])
  await pool.release('r1')
  expect((await pool.acquire('r3')).path).toBe(first.path)
})

test('many owners at once, in two workers, never share a slot', async () => {
  const other = openWorktreePool(repository, slots, clear)
  const owners = Array.from({ length: 12 }, (_, index) => `r${index + 1}`)
  const taken = await Promise.all(owners.map((owner, index) => (index % 2 === 0 ? pool : other).acquire(owner)))
  expect(new Set(taken.map((worktree) => worktree.path)).size).toBe(12)
  for (const { git: tree } of taken) expect(await resolveCommit(tree, 'HEAD')).toBe(git('rev-parse', 'main'))
})

test('what owners hold whom nobody knows any more is given back, with the branch that was checked out', async () => {
  const { git: tree } = await pool.acquire('r1')
  await resetTo(tree, 'cox/r1', git('rev-parse', 'main'))
  await pool.acquire('r2')
  await pool.releaseAllExcept(new Set(['r2']))
  await pool.acquire('r3')
  // r1 goes on later, in a slot of its own: its branch must not be held by the old one.
  const again = await pool.acquire('r1')
  await resetTo(again.git, 'cox/r1', git('rev-parse', 'main'))
  expect((await readdir(slots)).toSorted()).toEqual(['w1', 'w1.lease', 'w2', 'w2.lease', 'w3', 'w3.lease'])
})

test('a lease without its worktree, a worktree without its lease and an empty lease are all leftovers that work', async () => {
  await mkdir(slots, { recursive: true })
  await writeFile(join(slots, 'w1.lease'), 'r1')
  await mkdir(join(slots, 'w2'))
  await writeFile(join(slots, 'w2/half'), '')
  await writeFile(join(slots, 'w3.lease'), '')
  const [one, two] = [await pool.acquire('r1'), await pool.acquire('r2')]
  expect([basename(one.path), basename(two.path)]).toEqual(['w1', 'w2'])
  expect((await readdir(two.path)).toSorted()).toEqual(['.git', 'a.txt'])
  await pool.releaseAllExcept(new Set(['r1', 'r2']))
  expect((await readdir(slots)).filter((name) => name.endsWith('.lease')).toSorted()).toEqual(['w1.lease', 'w2.lease'])
})

const breakages: readonly [title: string, breakIt: (path: string) => Promise<void>][] = [
  ['its .git is gone', (path) => rm(join(path, '.git'))],
  ['its .git points nowhere', (path) => writeFile(join(path, '.git'), 'gitdir: /nowhere\n')],
  [
    'its folder is empty',
    async (path) => {
      await rm(path, { recursive: true })
      await mkdir(path)
    },
  ],
  ['git forgot it', (path) => rm(join(root, 'repo/.git/worktrees', basename(path)), { recursive: true })],
  [
    'it became a repository of its own',
    async (path) => {
      await rm(join(path, '.git'))
      for (const args of [
        ['init', '--quiet'],
        ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'x'],
      ])
        execFileSync('git', args, { cwd: path })
    },
  ],
]
test.each(breakages)('a slot is made anew when %s', async (_, breakIt) => {
  const { path } = await pool.acquire('r1')
  await breakIt(path)
  const { git: tree } = await pool.acquire('r1')
  git('branch', 'cox/r1', 'main')
  await resetTo(tree, 'cox/r1', git('rev-parse', 'main'))
  expect([await resolveCommit(tree, 'HEAD'), await tree.run(['status', '--porcelain'])]).toEqual([git('rev-parse', 'main'), ''])
  expect(await tree.run(['symbolic-ref', 'HEAD'])).toBe('refs/heads/cox/r1')
})

test('what is known of a slot stays with it, and goes when it is made anew', async () => {
  const worktree = await pool.acquire('r1')
  await writeFile(worktree.record, 'known')
  await pool.release('r1')
  expect(existsSync((await pool.acquire('r2')).record)).toBe(true)
  await rm(worktree.path, { recursive: true })
  expect(existsSync((await pool.acquire('r2')).record)).toBe(false)
})

test('free slots are removed from disk and from git; taken ones stay', async () => {
  const kept = await pool.acquire('r1')
  await pool.acquire('r2')
  await pool.release('r2')
  expect(await pool.free()).toEqual(['w2'])
  expect(await pool.removeFree()).toBe(1)
  expect((await readdir(slots)).toSorted()).toEqual(['w1', 'w1.lease'])
  expect(
    git('worktree', 'list', '--porcelain')
      .split('\n')
      .filter((line) => line.startsWith('worktree ')),
  ).toHaveLength(2)
  expect(existsSync(kept.path)).toBe(true)
})

test('releasing what is not held, or what is broken, does no harm', async () => {
  await pool.release('r9')
  const { path } = await pool.acquire('r1')
  await rm(path, { recursive: true })
  await pool.release('r1')
  expect(await readdir(slots)).toEqual([])
  expect((await pool.acquire('r2')).path).toBe(path)
})

test('another repository in the place of the `.git` of a worktree is followed by nobody, and the worktree gets its own back', async () => {
  const { path, git: tree } = await pool.acquire('r1')
  const base = git('rev-parse', 'main')
  await resetTo(tree, 'cox/r1', base)
  const ran = join(root, 'ran')
  const plant = (): void => {
    const inside = (...args: string[]): string => execFileSync('git', args, { cwd: path, encoding: 'utf8' })
    execFileSync('rm', ['-rf', join(path, '.git')])
    inside('init', '--quiet')
    inside('config', 'filter.evil.clean', `touch '${ran}'; cat`)
    execFileSync('sh', ['-c', "echo '* filter=evil' >.gitattributes; echo b >b.txt"], { cwd: path })
    inside('fetch', '--quiet', join(root, 'repo'), 'main')
    inside('update-ref', 'HEAD', 'FETCH_HEAD')
  }
  plant()
  // The control: git that looks for its folder finds that one.
  await openGit(path).attempt(['add', '--all'])
  expect(existsSync(ran)).toBe(true)
  await rm(ran)
  plant()
  const written = await snapshotTree(tree, base)
  await pool.release('r1')
  const again = await pool.acquire('r2')
  await resetTo(again.git, 'cox/r2', base)
  expect([existsSync(ran), again.path, again.isFresh]).toEqual([false, path, true])
  expect(git('ls-tree', '--name-only', written).split('\n')).toContain('b.txt')
  expect((await readFile(join(path, '.git'), 'utf8')).trim()).toBe(`gitdir: ${again.git.folders().own}`)
  expect(existsSync(join(path, 'b.txt'))).toBe(false)
  expect((await readdir(slots)).filter((name) => name.includes('aside'))).toEqual([])
})

test('what a command left is cleared before git looks at it: when a worktree is given back, and when another owner takes it', async () => {
  const { path } = await pool.acquire('r1')
  await pool.acquire('r1')
  expect(cleared).toEqual([])
  await pool.release('r1')
  await pool.acquire('r2')
  expect(cleared).toEqual(['w1', 'w1'])
  await writeFile(join(path, 'flooded'), '')
  await pool.release('r2')
  expect(existsSync(path)).toBe(false)
  expect((await pool.acquire('r3')).path).toBe(path)
})
