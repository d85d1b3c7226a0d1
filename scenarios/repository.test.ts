import { renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { createWorld, type World, type WorldOptions } from './world.ts'

/* Capabilities: U1, K1, R1. Bad repositories and bad usage: each says what is wrong and what to do, and nothing is left running. */

interface Failure {
  readonly code: number | null
  readonly error: { readonly code: string; readonly message: string; readonly hint: string; readonly data: unknown }
}

async function failureIn(
  options: WorldOptions,
  prepare: (world: World) => Promise<void> | void,
  ...args: string[]
): Promise<string> {
  await using world = await createWorld(options)
  await prepare(world)
  const { code, error } = await world.ask<Failure>(...args)
  return `${code} ${error.code}: ${error.message}\n${error.hint}`.replaceAll(world.root, '…')
}

const nothing = (): void => {}
const file = (path: string, content = `${path}\n`): Readonly<Record<string, unknown>> => ({ do: 'write', path, content })
const run = ['run', 'do it'] as const

test.concurrent('not a repository, a folder that is missing, no commit, no harness, a bare repository', async ({ expect }) => {
  const found = await Promise.all([
    failureIn({}, (world) => rm(join(world.repo, '.git'), { recursive: true }), ...run),
    failureIn({}, nothing, ...run, '-C', 'no/such/folder'),
    failureIn({ files: null }, nothing, ...run),
    failureIn({ config: null }, nothing, ...run),
    failureIn(
      {},
      (world) => void world.git('clone', '--quiet', '--bare', '.', join(world.root, 'bare')),
      ...run,
      '-C',
      '../bare',
    ),
  ])
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 NOT_A_REPOSITORY: …/repo is not inside a git repository
    Run \`git init\` and make a first commit, or name a repository with -C DIR.
    2 FOLDER_MISSING: Cannot run git in …/repo/no/such/folder: the folder is missing
    Create the folder or name another with -C.
    2 NO_COMMITS: …/repo has no commit yet
    Make a first commit: agents work on top of it.
    2 HARNESS_MISSING: …/repo has no harness/harness.yaml
    Run \`cox init\` there first.
    2 REPOSITORY_BARE: …/bare is a bare repository
    Run this in a worktree of it, or in a clone."
  `)
})

test.concurrent('a detached head, and a landing branch that is not there', async ({ expect }) => {
  const found = await Promise.all([
    failureIn({}, (world) => void world.git('checkout', '--quiet', '--detach'), ...run),
    failureIn({ config: 'branch: trunk\n' }, nothing, ...run),
    failureIn({}, nameBranchOddly, ...run),
  ])
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 HEAD_DETACHED: …/repo is on no branch, so there is nowhere to land
    Check a branch out, or set \`branch\` in harness/harness.yaml.
    2 BRANCH_MISSING: The landing branch "trunk" of harness/harness.yaml does not exist
    Create it, or correct \`branch\`.
    2 BRANCH_UNREADABLE: The name of the branch that is checked out in …/repo is no UTF-8
    Give it another: git branch -m NAME"
  `)
})

/** By bytes that are no text. */
function nameBranchOddly({ repo }: World): void {
  const name = Buffer.from('refs/heads/x\u00FF', 'latin1')
  renameSync(join(repo, '.git/refs/heads/main'), Buffer.concat([Buffer.from(join(repo, '.git/')), name]))
  writeFileSync(join(repo, '.git/HEAD'), Buffer.concat([Buffer.from('ref: '), name, Buffer.from('\n')]))
}

test.concurrent('a malformed harness: unknown key, wrong value, broken syntax', async ({ expect }) => {
  const found = await Promise.all(
    ['gate: []\nbudget:\n  time: soon\n', 'concurrency: many\n', 'gates: [\n'].map((config) =>
      failureIn({ config }, nothing, 'run', 'x'),
    ),
  )
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 CONFIG_INVALID: harness/harness.yaml:2:1 unknown key "gate"; did you mean "gates"?
    harness/harness.yaml:4:3 budget.time: "soon" is not a duration such as 90s, 10m or 1h30m
    Correct the file; \`cox init --print\` shows every key with its default.
    2 CONFIG_INVALID: harness/harness.yaml:2:1 concurrency: write a number, not "many"
    Correct the file; \`cox init --print\` shows every key with its default.
    2 CONFIG_INVALID: harness/harness.yaml:3:1 Flow sequence in block collection must be sufficiently indented and end with a ]
    Correct the file; \`cox init --print\` shows every key with its default."
  `)
})

test.concurrent('a package that is not there, or leads out of the repository', async ({ expect }) => {
  const found = await Promise.all(
    ['no/such', '../home', '/etc', 'a.txt'].map((name) =>
      failureIn({ files: { 'a.txt': '' } }, nothing, 'task', 'add', 'do it', '--package', name),
    ),
  )
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 FOLDER_MISSING: There is no folder "no/such" in …/repo
    Name the folder of the package as it is called from the root of the repository.
    2 PATH_OUTSIDE: ../home lies outside …/repo
    Use a path inside the folder; symlinks are followed.
    2 PATH_OUTSIDE: /etc lies outside …/repo
    Use a path inside the folder; symlinks are followed.
    2 FOLDER_MISSING: There is no folder "a.txt" in …/repo
    Name the folder of the package as it is called from the root of the repository."
  `)
})

test.concurrent('what was can be read where no work can be done: a broken harness, a detached head', async ({ expect }) => {
  await using world = await createWorld({ script: { hello: [[file('hello.txt')]] } })
  expect((await world.ask('run', '[scenario:hello] do it')).outcome).toBe('awaiting-approval')
  const valid = await world.read('harness/harness.yaml')
  await world.write('harness/harness.yaml', `${valid}gate: []\n`)
  const broken = await world.ask<{ warnings: string[]; needsPerson: { id: string }[] }>('status')
  expect([broken.code, broken.needsPerson.map(({ id }) => id), broken.warnings.join('\n')]).toEqual([
    0,
    ['r1'],
    expect.stringContaining('no work can be done here: harness/harness.yaml:2:1 unknown key "gate"; did you mean "gates"?'),
  ])
  await world.write('harness/harness.yaml', valid)
  world.git('checkout', '--quiet', '--detach')
  for (const question of [['status'], ['show', 'r1'], ['logs', 'r1'], ['task', 'list'], ['task', 'show', 't1']])
    expect((await world.cox(...question)).code, question.join(' ')).toBe(0)
  expect((await world.cox('status')).stdout).toContain('Warning: no work can be done here:')
  for (const order of [run, ['task', 'add', 'do it']] as const)
    expect(await world.ask<Failure>(...order)).toMatchObject({ code: 2, error: { code: 'HEAD_DETACHED' } })
  // Where it lands was fixed when it was added.
  expect((await world.ask('approve', 'r1')).outcome).toBe('landed')
  expect(world.git('ls-tree', '--name-only', 'main', 'hello.txt')).toBe('hello.txt')
})

test.concurrent('help is a word too', async ({ expect }) => {
  await using world = await createWorld({ config: null })
  expect(await world.cox('help', 'task', 'add')).toEqual(await world.cox('task', 'add', '--help'))
  expect(await world.cox('help')).toEqual(await world.cox('--help'))
})

test.concurrent('wrong usage', async ({ expect }) => {
  await using world = await createWorld({ config: null })
  const calls = await Promise.all(
    [
      ['run', ' '],
      ['run', '--nope'],
      ['run', '--budget-time', 'soon', 'x'],
      ['show', 'run-3'],
      ['show'],
      ['task', 'show', '7'],
      ['nonsense'],
      ['run', '--file', 'no.md'],
      ['run', '--file', 'no.md', 'words'],
      ['task', 'import', 'no'],
    ].map((args) => world.cox(...args)),
  )
  const told = calls.map(({ code, stdout, stderr }) => `${code}: ${stdout}${stderr.trim()}`)
  expect(told.join('\n').replaceAll(world.root, '…')).toMatchInlineSnapshot(`
    "2: TASK_EMPTY: The task has no text
      Say what is to be done: cox run "…", or --file task.md.
    2: USAGE: No flag registered for --nope, did you mean --file?
      Read \`cox --help\`, or \`cox <command> --help\`.
    2: USAGE: Failed to parse "soon" for budget-time: "soon" is not a duration such as 90s, 10m or 1h30m
      Read \`cox --help\`, or \`cox <command> --help\`.
    2: RUN_NOT_FOUND: "run-3" is not a run's id
      Ids look like r3; list them with \`cox task list\`.
    2: USAGE: Expected argument for run
      Read \`cox --help\`, or \`cox <command> --help\`.
    2: HARNESS_MISSING: …/repo has no harness/harness.yaml
      Run \`cox init\` there first.
    2: USAGE: No command registered for \`nonsense\`
      Read \`cox --help\`, or \`cox <command> --help\`.
    2: FILE_UNREADABLE: Cannot read no.md
      Check the path and its permissions.
    2: USAGE: There is a task in no.md and one in "words"
      Give either the words or --file.
    2: FOLDER_MISSING: Cannot read the folder …/repo/no
      Name a folder of Markdown files."
  `)
})

const land = (world: World, scenario: string, ...flags: string[]) =>
  world.ask('run', `[scenario:${scenario}] do it`, '--land', ...flags)

test.concurrent('a dirty main stops a landing that would overwrite it, and nothing is lost; a main that moved is merged', async ({
  expect,
}) => {
  await using world = await createWorld({
    files: { 'a.txt': 'a\n', 'b.txt': 'b\n' },
    script: { edit: [[file('a.txt', 'mine\n')]] },
  })
  await world.write('a.txt', 'edited\n')
  await world.write('b.txt', 'edited too\n')
  const stopped = await land(world, 'edit')
  expect(stopped).toMatchObject({
    code: 1,
    state: 'blocked',
    outcome: 'main-dirty',
    reason:
      'Uncommitted changes in the checked-out branch are in the way of this landing: a.txt. Commit or stash them, then approve again.',
  })
  expect([await world.read('a.txt'), world.git('log', '--format=%s')]).toEqual(['edited\n', 'first'])
  world.git('checkout', '--quiet', 'a.txt')
  await world.write('c.txt', 'meanwhile\n')
  world.git('add', 'c.txt')
  world.git('commit', '--quiet', '-m', 'meanwhile')
  expect((await world.ask('approve', stopped.id)).outcome).toBe('landed')
  expect([await world.read('a.txt'), await world.read('b.txt'), world.git('log', '--format=%s')]).toEqual([
    'mine\n',
    'edited too\n',
    '[scenario:edit] do it\nmeanwhile\nfirst',
  ])
})
