import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGit, readEnvironment, refreshPrivateGit, runCommand, scrubEnvironment } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findForms, type UsableSandbox } from './find-sandbox.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { isPartial } from './start-plan.ts'

const env = { ...scrubEnvironment(readEnvironment()), HOME: '/nonexistent' }
const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
let root: string
let repository: string
let worktree: string

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cox private git '))
  repository = join(root, 'repository')
  worktree = join(root, 'w1')
  git(root, 'init', '--quiet', '--initial-branch=main', repository)
  for (const name of ['changed', 'removed', 'moved']) writeFileSync(join(repository, name), 'one\n')
  git(repository, 'add', '.')
  git(repository, ...author, 'commit', '--quiet', '-m', 'first')
  git(repository, 'config', 'user.name', 'Ann')
  git(repository, 'config', 'remote.origin.url', 'https://token@example.com/x')
  git(repository, 'worktree', 'add', '--quiet', '-b', 'work', worktree)
  writeFileSync(join(repository, 'changed'), 'of the person\n')
  git(repository, ...author, 'stash', '--quiet')
  writeFileSync(join(repository, 'changed'), 'staged by the person\n')
  git(repository, 'add', '.')
  await refreshPrivateGit(openGit(worktree), join(root, 'git'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** All that a person has there. */
function state(): string[] {
  const own = join(repository, '.git/worktrees/w1')
  const files = [join(repository, '.git/index'), join(repository, '.git/config'), join(own, 'index'), join(own, 'HEAD')]
  const objects = git(repository, 'count-objects', '-v')
  const refs = git(repository, 'for-each-ref') + git(repository, 'stash', 'list') + git(repository, 'status', '--porcelain')
  return [...files.map((file) => readFileSync(file, 'base64')), objects, refs]
}

const forms = await findForms(env)
const named = forms.map((form) => ({ form, name: `${form.kind} by ${form.program}` }))

async function runIn(form: UsableSandbox, script: string, user: 'same' | 'ordinary' = 'same'): Promise<string> {
  const place = { cwd: worktree, worktree, writable: [], git: join(root, 'git'), network: 'full', user } as const
  const command = await sandboxCommand({ sandbox: form, command: ['bash', '-c', script], ...place })
  const result = await runCommand({ command, cwd: worktree, env, timeout: seconds(60) })
  return `${result.stdout}${result.stderr}exit ${result.exitCode}`
}

describe.each(named.filter(({ form }) => isPartial(form)))('$name', ({ form }) => {
  test('what cannot be mounted leaves git readable, and nothing is staged', async () => {
    const before = state()
    const run = (script: string): Promise<string> => runIn(form, script)
    expect(await run('git log --format=%s && echo two > changed && git add changed')).toMatch(/^first\n[^]*denied[^]*exit 128$/)
    expect(state()).toEqual(before)
  })
})

describe.each(named.filter(({ form }) => !isPartial(form)))('$name', ({ form }) => {
  const run = (script: string, user?: 'same' | 'ordinary'): Promise<string> => runIn(form, script, user)

  test('what writes index, stash, objects and refs works, and the repository stays as it is', async () => {
    const before = state()
    const script = [
      'set -e; echo two > changed; git rm -q removed; git mv moved gone; git add changed; git status --short',
      'git stash -q; git status --short; git stash list; git stash pop -q; git diff --stat HEAD | tail -1',
      'git restore --staged .; git add --all; git commit -q -m mine; git log --format="%s %an"; git status --short',
      'git switch -q -c side; git branch --show-current; git tag mark; git gc -q; git fsck --no-dangling',
    ]
    expect(await run(script.join('\n'))).toBe(
      [
        'M  changed\nR  moved -> gone\nD  removed',
        'stash@{0}: WIP on (no branch): ' + git(repository, 'log', '-1', '--format=%h %s').trim(),
        ' 3 files changed, 1 insertion(+), 2 deletions(-)',
        'mine Ann\nfirst Ann\nside\nexit 0',
      ].join('\n'),
    )
    expect(state()).toEqual(before)
    expect([existsSync(join(worktree, 'removed')), readFileSync(join(worktree, 'changed'), 'utf8')]).toEqual([false, 'two\n'])
    // The next prompt finds what the worktree is at, not what the command committed.
    await refreshPrivateGit(openGit(worktree), join(root, 'git'))
    expect(await run('git log --format=%s; git status --short')).toBe('first\n M changed\n D moved\n D removed\n?? gone\nexit 0')
    expect(state()).toEqual(before)
  })

  test('programs of ours find the worktree and its main checkout there', async () => {
    const host = fileURLToPath(import.meta.resolve('@coxswain/host'))
    const script = `import(${JSON.stringify(host)}).then(async (host) => console.log((await host.openRepository(process.cwd())).root))`
    expect(await run(`'${process.execPath}' -e '${script}'; git rev-parse --show-toplevel`)).toBe(
      `${repository}\n${worktree}\nexit 0`,
    )
  })

  test('a change that its times hide is seen', async () => {
    const hour = new Date(Date.now() - 3_600_000)
    const rewrite = (text: string): void => {
      writeFileSync(join(worktree, 'changed'), text)
      utimesSync(join(worktree, 'changed'), hour, hour)
    }
    rewrite('one\n')
    git(worktree, 'update-index', '--refresh')
    const index = join(repository, '.git/worktrees/w1/index')
    utimesSync(index, hour, hour)
    rewrite('two\n')
    await refreshPrivateGit(openGit(worktree), join(root, 'git'))
    const settings = '-c core.trustctime=false -c core.checkStat=minimal'
    expect(git(worktree, ...settings.split(' '), 'status', '--short')).toBe(' M changed\n')
    expect(await run(`git ${settings} status --short`)).toBe(' M changed\nexit 0')
  })

  test('no setting, hook or place of other files can be changed from inside', async () => {
    const attempts = [
      'git config core.fsmonitor ./evil',
      'cd "$(git rev-parse --git-common-dir)" && rm -f config',
      'cd "$(git rev-parse --git-dir)" && mv common away',
      'cd "$(git rev-parse --git-dir)/.." && mv w1 away',
      'echo elsewhere > "$(git rev-parse --git-dir)/commondir"',
      'unshare -Urm sh -c \'umount "$(git rev-parse --git-common-dir)/config" || mount --bind "$(git rev-parse --git-dir)" /mnt\'',
    ]
    const script = attempts.map((attempt) => `(${attempt}) >/dev/null 2>&1 && echo open || echo shut`).join('\n')
    for (const user of ['same', 'ordinary'] as const)
      expect(await run(script, user)).toBe(`${'shut\n'.repeat(attempts.length)}exit 0`)
    const hook =
      'cd "$(git rev-parse --git-common-dir)"; mkdir -p hooks; echo "#!/bin/sh\necho hooked" > hooks/pre-commit; chmod +x hooks/*'
    expect(
      await run(`(${hook}); git commit -q --allow-empty -m x; git config --get remote.origin.url; git log -1 --format=%s`),
    ).toBe('https://example.com/x\nx\nexit 0')
  })

  test('nothing that a command leaves there is followed when it is refreshed', async () => {
    mkdirSync(join(root, 'person'))
    writeFileSync(join(root, 'person/file'), 'mine\n')
    const target = join(root, 'person')
    const script = [
      'cd "$(git rev-parse --git-dir)"',
      `rm HEAD index; ln -s '${target}/file' HEAD; ln -s '${target}/file' index; ln -s '${target}' info; mkdir -p MERGE_HEAD/deep`,
      `ln -s '${target}' MERGE_HEAD/deep/link; ln -s '${target}/file' index.lock; cd common; rm packed-refs; ln -s '${target}/file' packed-refs`,
    ]
    expect(await run(script.join('\n'))).toBe('exit 0')
    await refreshPrivateGit(openGit(worktree), join(root, 'git'))
    expect(readFileSync(join(root, 'person/file'), 'utf8')).toBe('mine\n')
    expect(await run('git status --short; git log --format=%s main')).toBe('first\nexit 0')
  })
})
