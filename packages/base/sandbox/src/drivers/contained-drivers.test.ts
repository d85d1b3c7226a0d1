import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addWorktree,
  advanceCheckout,
  detachAt,
  isClean,
  mergeCommits,
  openGit,
  openWorktree,
  snapshotTree,
  type Git,
} from '@coxswain/host'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { containDrivers } from './contained-drivers.ts'

/* Programs of settings that lie in the tree; each writes down whether it was started contained. */

let root: string
let base: string
const drivers = containDrivers(async (command) => ['/usr/bin/env', 'CONTAINED=yes', ...command])

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-drivers-')))
  mkdirSync(join(root, 'repo/tools'), { recursive: true })
  git('init', '--quiet', '-b', 'main')
  git('config', 'user.name', 'A')
  git('config', 'user.email', 'a@b')
  const tell = `echo "\${CONTAINED:-no}" >>'${root}/log'`
  write('tools/filter.sh', `${tell}\ncat\n`)
  write('tools/merge.sh', `${tell}\ncat "$3" >>"$2"\n`)
  write('.gitattributes', '*.txt filter=own merge=own\n')
  write('a.txt', 'one\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  base = git('rev-parse', 'HEAD')
  git('config', 'filter.own.clean', 'sh tools/filter.sh %f')
  git('config', 'filter.own.smudge', 'sh tools/filter.sh %f')
  git('config', 'merge.own.driver', 'sh tools/merge.sh %O %A %B')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: join(root, 'repo'), encoding: 'utf8' }).trim()
}

function write(path: string, content: string): void {
  writeFileSync(join(root, 'repo', path), content)
}

/** How programs were started since the last call. */
function started(): string[] {
  const log = existsSync(join(root, 'log')) ? readFileSync(join(root, 'log'), 'utf8').split('\n').slice(0, -1) : []
  rmSync(join(root, 'log'), { force: true })
  return [...new Set(log)]
}

/** Two commits on the base, each with another line in the file. */
type Sides = Readonly<Record<'left' | 'right', string>>

function sides(): Sides {
  const side = (line: string): string => {
    const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: join(root, 'repo'),
      input: `one\n${line}\n`,
      encoding: 'utf8',
    })
    const tree = git('ls-tree', base).replace(/blob \w+\ta.txt/, `blob ${blob.trim()}\ta.txt`)
    const made = execFileSync('git', ['mktree'], { cwd: join(root, 'repo'), input: `${tree}\n`, encoding: 'utf8' }).trim()
    return git('commit-tree', made, '-p', base, '-m', line)
  }
  return { left: side('left'), right: side('right') }
}

const deeds: readonly (readonly [name: string, deed: (main: Git, given: Sides) => Promise<unknown>])[] = [
  [
    'a new worktree',
    (main) => {
      // The program comes with the files, after the first of them.
      git('config', 'filter.own.smudge', `sh '${root}/repo/tools/filter.sh'`)
      return addWorktree(main, join(root, 'w1'), base)
    },
  ],
  ['its files at another commit', (main, { left }) => detachAt(worktree(main), left)],
  [
    'what was written in it',
    async (main) => {
      writeFileSync(join(root, 'w1/a.txt'), 'mine\n')
      await snapshotTree(worktree(main), base)
    },
  ],
  [
    'whether a person’s checkout is clean',
    async (main) => {
      write('a.txt', 'ONE\n')
      await isClean(main)
      write('a.txt', 'one\n')
    },
  ],
  ['a merge', (main, { left, right }) => mergeCommits(main, { base, ours: left, theirs: right })],
  ['a checkout that follows its branch', (main, { left }) => advanceCheckout(main, base, left)],
]

function worktree(main: Git): Git {
  const found = openWorktree(main, join(root, 'w1'))
  if (found === null) throw new Error('it was added')
  return found
}

test.each([
  ['no', undefined],
  ['yes', drivers],
] as const)('programs of settings are started contained: %s', async (expected, how) => {
  const main = openGit(join(root, 'repo'), how === undefined ? {} : { drivers: how })
  for (const [name, deed] of deeds) {
    const given = sides()
    started()
    await deed(main, given)
    expect([name, started()]).toEqual([name, [expected]])
  }
})

test('content stays what the filter makes of it, and nothing is written down past a filter that fails', async () => {
  git('config', 'filter.own.clean', "sed 's/secret/hidden/'")
  const main = openGit(join(root, 'repo'), { drivers })
  write('a.txt', 'a secret\n')
  const tree = await snapshotTree(main, base)
  expect(git('cat-file', 'blob', `${tree}:a.txt`)).toBe('a hidden')
  const closed = openGit(join(root, 'repo'), { drivers: containDrivers(async () => ['false']) })
  write('a.txt', 'another secret\n')
  await expect(snapshotTree(closed, base)).rejects.toMatchObject({ code: 'FILTER_FAILED' })
})

test.each([
  ['installed elsewhere', 'bin', [], 'no'],
  ['in the repository', 'repo/bin', [], 'yes'],
  ['that starts a program of somebody else', 'bin', ['lfs.extension.x.clean', 'sh tools/filter.sh'], 'yes'],
] as const)('Git LFS %s', async (_, folder, setting, expected) => {
  mkdirSync(join(root, folder))
  writeFileSync(join(root, folder, 'git-lfs'), `#!/bin/sh\necho "\${CONTAINED:-no} $*" >>'${root}/log'\ncat\n`)
  chmodSync(join(root, folder, 'git-lfs'), 0o755)
  vi.stubEnv('PATH', `${join(root, folder)}:${process.env['PATH']}`)
  git('config', 'filter.own.clean', 'git-lfs clean -- %f')
  if (setting.length > 0) git('config', ...setting)
  write('a.txt', 'large\n')
  started()
  await snapshotTree(openGit(join(root, 'repo'), { drivers }), base)
  expect(started()).toEqual([`${expected} clean -- a.txt`])
})

test.each([
  ['BIN/keep', 'no'],
  ['"BIN/keep" %f', 'no'],
  ['keep --fast -o none -- %f', 'no'],
  ['keep ./nowhere BIN', 'no'],
  ['keep tools/filter.sh', 'yes'],
  ['keep --config=tools/filter.sh', 'yes'],
  ['keep -ftools/filter.sh', 'yes'],
  ['keep REPO/tools', 'yes'],
  ['keep $PWD', 'yes'],
  ['keep; true', 'yes'],
  ['A=b keep', 'yes'],
  ['REPO/bin/keep', 'yes'],
  ['tools/keep', 'yes'],
  ['BIN/link', 'yes'],
  ['sh BIN/keep', 'yes'],
  ['BIN/python3.12', 'yes'],
  ['BIN/named', 'yes'],
] as const)('a filter with the line `%s` is contained: %s', async (line, expected) => {
  const script = `#!/bin/sh\necho "\${CONTAINED:-no}" >>'${root}/log'\ncat\n`
  const [bin, repo] = [join(root, 'bin'), join(root, 'repo')]
  for (const folder of [bin, join(repo, 'bin')]) mkdirSync(folder)
  for (const path of [`${bin}/keep`, `${bin}/python3.12`, `${repo}/bin/keep`, `${repo}/tools/keep`]) {
    writeFileSync(path, script)
    chmodSync(path, 0o755)
  }
  symlinkSync(join(repo, 'bin/keep'), join(bin, 'link'))
  // What it is called elsewhere says nothing of what it is.
  symlinkSync(join(bin, 'python3.12'), join(bin, 'named'))
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
  git('config', 'filter.own.clean', line.replace('BIN', bin).replace('REPO', repo))
  write('a.txt', 'kept\n')
  started()
  await snapshotTree(openGit(repo, { drivers }), base)
  expect(started()).toEqual([expected])
})

test('a folder of PATH that is named from where git runs is none', async () => {
  write('git', `#!/bin/sh\ntouch '${root}/ran'\n`)
  chmodSync(join(root, 'repo/git'), 0o755)
  vi.stubEnv('PATH', `.:${process.env['PATH']}`)
  execFileSync('git', ['--version'], { cwd: join(root, 'repo') })
  expect(existsSync(join(root, 'ran'))).toBe(true)
  rmSync(join(root, 'ran'))
  await openGit(join(root, 'repo')).run(['rev-parse', 'HEAD'])
  expect(existsSync(join(root, 'ran'))).toBe(false)
})
