import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGit, readEnvironment, refreshPrivateGit, runCommand, scrubEnvironment } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findSandbox } from './find-sandbox.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { isPartial } from './start-plan.ts'

/* Repositories of every kind that a run may meet. */
const env = { ...scrubEnvironment(readEnvironment()), HOME: '/nonexistent' }
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-shapes-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const settings = ['user.name=Ann', 'user.email=ann@example.com', 'protocol.file.allow=always'].flatMap((one) => ['-c', one])

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...settings, ...args], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function makeRepository(folder: string, ...flags: string[]): string {
  git(root, 'init', '--quiet', '--initial-branch=main', ...flags, folder)
  for (const path of ['a/file', 'b/file']) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), 'one\n')
  }
  for (const subject of ['first', 'second']) {
    writeFileSync(join(folder, 'subject'), subject)
    git(folder, 'add', '.')
    git(folder, 'commit', '--quiet', '-m', subject)
  }
  return folder
}

function addWorktree(repository: string): string {
  git(repository, 'worktree', 'add', '--quiet', '--detach', join(root, 'w1'))
  return join(root, 'w1')
}

const shapes: Readonly<Record<string, () => string>> = {
  'of a bare repository': () => {
    git(root, 'clone', '--quiet', '--bare', makeRepository(join(root, 'from')), join(root, 'bare'))
    return addWorktree(join(root, 'bare'))
  },
  'with SHA-256': () => addWorktree(makeRepository(join(root, 'repository'), '--object-format=sha256')),
  'of a clone that borrows objects': () => {
    git(root, 'clone', '--quiet', '--shared', makeRepository(join(root, 'from')), join(root, 'repository'))
    return addWorktree(join(root, 'repository'))
  },
  'of a shallow clone': () => {
    git(root, 'clone', '--quiet', '--depth=1', `file://${makeRepository(join(root, 'from'))}`, join(root, 'repository'))
    return addWorktree(join(root, 'repository'))
  },
  'of a part of the files': () => {
    const worktree = addWorktree(makeRepository(join(root, 'repository')))
    git(worktree, 'sparse-checkout', 'set', 'a')
    return worktree
  },
  'with a split index': () => {
    const repository = makeRepository(join(root, 'repository'))
    const worktree = addWorktree(repository)
    git(worktree, 'update-index', '--split-index')
    return worktree
  },
  'with a submodule': () => {
    const repository = makeRepository(join(root, 'repository'))
    git(repository, 'submodule', '--quiet', 'add', makeRepository(join(root, 'module')), 'module')
    git(repository, 'commit', '--quiet', '-m', 'second')
    const worktree = addWorktree(repository)
    git(worktree, 'submodule', '--quiet', 'update', '--init')
    return worktree
  },
}

test.each(Object.keys(shapes))('a worktree %s: what an agent stages and commits there', async (name) => {
  const worktree = shapes[name]?.() ?? ''
  const folder = join(root, 'git')
  await refreshPrivateGit(openGit(worktree), folder)
  const sandbox = await findSandbox(env)
  if (sandbox.kind === 'none' || isPartial(sandbox)) return
  const script =
    'set -e; git status --short; echo two > a/file; git add -A; git commit -q -m mine; git status --short; git log -2 --format=%s'
  const place = { cwd: worktree, worktree, writable: [], git: folder, network: 'none', readable: [root] } as const
  const command = await sandboxCommand({ sandbox, command: ['sh', '-c', script], ...place })
  const { stdout, stderr } = await runCommand({ command, cwd: worktree, env, timeout: seconds(30) })
  expect(stdout + stderr).toBe('mine\nsecond\n')
  expect(git(worktree, 'show', '--stat', '--format=%s', 'HEAD')).not.toContain('mine')
  expect(git(worktree, 'status', '--short')).toBe(' M a/file\n')
})
