import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
const run = ['run', 'do it'] as const

test('not a repository, a folder that is missing, no commit, no harness, a bare repository', async () => {
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
    Run this in a clone with a working tree."
  `)
})

test('a detached head, and a landing branch that is not there', async () => {
  const found = await Promise.all([
    failureIn({}, (world) => void world.git('checkout', '--quiet', '--detach'), ...run),
    failureIn({ config: 'branch: trunk\n' }, nothing, ...run),
  ])
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 HEAD_DETACHED: …/repo is on no branch, so there is nowhere to land
    Check a branch out, or set \`branch\` in harness/harness.yaml.
    2 BRANCH_MISSING: The landing branch "trunk" of harness/harness.yaml does not exist
    Create it, or correct \`branch\`."
  `)
})

test('a malformed harness: unknown key, wrong value, broken syntax', async () => {
  const found = await Promise.all(
    ['gate: []\nbudget:\n  time: soon\n', 'concurrency: many\n', 'gates: [\n'].map((config) =>
      failureIn({ config }, nothing, 'run', 'x'),
    ),
  )
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "2 CONFIG_INVALID: harness/harness.yaml:4:3 budget.time: "soon" is not a duration
    harness/harness.yaml:2:1 unknown key "gate"; did you mean "gates"?
    Correct the file; \`cox init --print\` shows every key with its default.
    2 CONFIG_INVALID: harness/harness.yaml:2:1 concurrency: Invalid input: expected number, received string
    Correct the file; \`cox init --print\` shows every key with its default.
    2 CONFIG_INVALID: harness/harness.yaml:3:1 Flow sequence in block collection must be sufficiently indented and end with a ]
    Correct the file; \`cox init --print\` shows every key with its default."
  `)
})

test('wrong usage', async () => {
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
      ['task', 'import', 'no'],
    ].map((args) => world.cox(...args)),
  )
  const told = calls.map(({ code, stdout, stderr }) => `${code}: ${stdout}${stderr.trim()}`)
  expect(told.join('\n').replaceAll(world.root, '…')).toMatchInlineSnapshot(`
    "2: TASK_EMPTY: The task has no text
      Say what is to be done: cox run "…", or --file task.md.
    2: USAGE: No flag registered for --nope, did you mean --file?
      Read \`cox --help\`, or \`cox <command> --help\`.
    2: USAGE: Failed to parse "soon" for budget-time: "soon" is not a duration
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
    2: FOLDER_MISSING: Cannot read the folder …/repo/no
      Name a folder of Markdown files."
  `)
})
