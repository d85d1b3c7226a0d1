import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGit, snapshotTree } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearSpecialFiles } from './clear-special-files.ts'

let root: string
let tree: string
beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox special ')))
  tree = join(root, 'tree')
  mkdirSync(tree)
  const git = openGit(tree)
  await git.run(['init', '--quiet', '-b', 'main'])
  writeFileSync(join(tree, 'a.txt'), 'a\n')
  await git.run(['add', '--all'])
  await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'first'])
})
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwx', root])
  execFileSync('rm', ['-rf', root])
})

const fifo = (path: string): void => void execFileSync('mkfifo', [join(tree, path)])

test('git waits for a pipe of a name that it reads, and for none afterwards', async () => {
  const git = openGit(tree)
  fifo('.gitattributes')
  // What git has not seen yet it looks up in there.
  writeFileSync(join(tree, 'a.txt'), 'another\n')
  const waited = await git.attempt(['add', '--all'], { timeout: seconds(1) })
  expect(waited.timedOut).toBe(true)
  rmSync(join(tree, '.git/index.lock'), { force: true })
  mkdirSync(join(tree, 'b/c'), { recursive: true })
  for (const path of ['.gitignore', 'b/.gitignore', 'b/c/.gitattributes', '.mailmap', 'b/pipe']) fifo(path)
  writeFileSync(join(tree, 'b/new.txt'), 'new\n')
  // A tracked file that became a pipe is gone.
  rmSync(join(tree, 'a.txt'))
  fifo('a.txt')
  const gone = await clearSpecialFiles(tree)
  expect(gone.toSorted()).toEqual([
    '.gitattributes',
    '.gitignore',
    '.mailmap',
    'a.txt',
    'b/.gitignore',
    'b/c/.gitattributes',
    'b/pipe',
  ])
  const written = await snapshotTree(git, await git.run(['rev-parse', 'HEAD']))
  expect(await git.run(['ls-tree', '-r', '--name-only', written])).toBe('b/new.txt')
  expect(readdirSync(root)).toEqual(['tree'])
})

test('links to what has no end, and texts that are none, go; links to texts and what is ordinary stay', async () => {
  symlinkSync('/dev/zero', join(tree, '.gitmodules'))
  mkdirSync(join(tree, 'b'))
  symlinkSync('../.gitignore', join(tree, 'b/.gitignore'))
  symlinkSync('/dev/null', join(tree, 'null'))
  symlinkSync('nowhere', join(tree, 'b/.mailmap'))
  writeFileSync(join(tree, '.gitignore'), 'x\n')
  writeFileSync(join(tree, 'b/.gitattributes'), '')
  truncateSync(join(tree, 'b/.gitattributes'), 40_000_000_000)
  writeFileSync(join(tree, '.gitattributes'), '*.x text\n')
  expect((await clearSpecialFiles(tree)).toSorted()).toEqual(['.gitmodules', 'b/.gitattributes'])
  expect(readdirSync(join(tree, 'b')).toSorted()).toEqual(['.gitignore', '.mailmap'])
  expect(readFileSync(join(tree, '.gitattributes'), 'utf8')).toBe('*.x text\n')
  expect(await clearSpecialFiles(tree)).toEqual([])
})

test('folders deeper than any path go as a whole, and closed ones are opened', async () => {
  const script = 'my $n = "d" x 200; for (1 .. 60) { mkdir $n; chdir $n } open F, ">x"; print F "x"'
  execFileSync('perl', ['-e', script], { cwd: tree })
  await expect(openGit(tree).run(['clean', '-ffdq'])).rejects.toMatchObject({ code: 'GIT_FAILED' })
  mkdirSync(join(tree, 'closed/in'), { recursive: true })
  fifo('closed/in/.gitignore')
  execFileSync('chmod', ['000', 'closed/in', 'closed'], { cwd: tree })
  const gone = await clearSpecialFiles(tree)
  expect([gone.length, gone.some((path) => path.startsWith('ddd')), gone.includes('closed/in/.gitignore')]).toEqual([
    2,
    true,
    true,
  ])
  await openGit(tree).run(['clean', '-ffdq'])
  expect([readdirSync(tree).toSorted(), readdirSync(root)]).toEqual([['.git', 'a.txt'], ['tree']])
})

test('names that are no text, and folders named like patterns', async () => {
  execFileSync(
    'sh',
    ['-c', 'mkdir "$(printf "x\\377")" "[a-z]*" && mkfifo "$(printf "x\\377")/.gitignore" "[a-z]*/line\nbreak"'],
    { cwd: tree },
  )
  expect((await clearSpecialFiles(tree)).length).toBe(2)
  expect(await clearSpecialFiles(tree)).toEqual([])
})

test('a flood of pipes is told', async () => {
  execFileSync('sh', ['-c', 'seq 3000 | xargs mkfifo'], { cwd: tree })
  await expect(clearSpecialFiles(tree)).rejects.toMatchObject({ code: 'WORKTREE_FLOODED' })
  expect(existsSync(join(tree, 'a.txt'))).toBe(true)
})
