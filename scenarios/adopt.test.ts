import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, ended, openWorldAt, processesOf, until, type World } from './world.ts'

/* Capabilities: R2, U1. A copy or a clone that a person means as the moved repository goes on with what that one has done. */

interface Status {
  readonly warnings: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}
interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string }
}
interface Adoption {
  readonly id: string
  readonly from: string | null
  readonly runs: number
  readonly lacking: readonly string[]
  readonly setAside: string | null
  readonly isRefusedThere: boolean
}
interface Findings {
  readonly findings: readonly { readonly subject: string; readonly what: string }[]
}

const write = (path: string) => ({ do: 'write', path, content: `${path}\n` })
const options = {
  config: 'gates: [{ name: test, command: [test, -e, README] }]\n',
  files: { README: 'read me\n' },
  script: { one: [[write('one.txt')], [write('two.txt')]], two: [[write('two.txt')]] },
}

const at = (world: World, name: string): World => openWorldAt({ root: world.root, repo: join(world.root, name), env: world.env })
const copyOf = (world: World, name: string): World => {
  execFileSync('cp', ['-a', world.repo, join(world.root, name)])
  return at(world, name)
}
const cloneOf = (world: World, name: string): World => {
  execFileSync('git', ['clone', '--quiet', '--no-local', '--single-branch', world.repo, join(world.root, name)])
  return at(world, name)
}
const failure = async (world: World, ...args: string[]): Promise<string> =>
  (await world.ask<Failure>(...args)).error?.code ?? 'no error'

test('what came to another disk is told of, and one command goes on with its runs', async () => {
  await using world = await createWorld(options)
  expect((await world.ask('run', '[scenario:one] do it')).outcome).toBe('awaiting-approval')
  const id = basename(world.state())
  const moved = copyOf(world, 'moved')
  rmSync(world.repo, { recursive: true })
  const said = new RegExp(
    `^Coxswain knows ${id}, which was in \\S+/repo/\\.git and is gone from there; this repository is a copy of it\\. If this is it, moved: \`cox adopt ${id}\` brings its tasks and runs here\\.$`,
  )
  const before = await moved.ask<Status>('status')
  expect([before.counts, before.warnings[0]]).toEqual([{}, expect.stringMatching(said)])
  expect((await moved.ask<Findings>('doctor')).findings).toContainEqual(
    expect.objectContaining({ subject: 'history', what: expect.stringMatching(said) }),
  )
  expect(await moved.ask<Adoption>('adopt')).toMatchObject({
    id,
    from: join(world.repo, '.git'),
    runs: 1,
    lacking: [],
    setAside: null,
    code: 0,
  })
  expect(await moved.ask<Adoption>('adopt')).toMatchObject({ id, from: null, code: 0 })
  expect(await moved.ask('approve', 'r1')).toMatchObject({ outcome: 'landed', code: 0 })
  expect(await moved.ask('run', '--land', '[scenario:two] do it')).toMatchObject({ id: 'r2', outcome: 'landed', reason: null })
  const after = await moved.ask<Status>('status')
  expect([after.counts, after.warnings]).toEqual([{ landed: 2 }, []])
  renameSync(moved.repo, world.repo)
})

test('a run that a kill left in mid-work goes on in the copy, in the worktree that it had', async () => {
  await using world = await createWorld({
    ...options,
    script: { one: [[write('one.txt'), { do: 'wait', name: 'go' }, write('two.txt')]] },
  })
  await world.cox('up', '-d')
  await world.cox('task', 'add', '--land', '[scenario:one] do it')
  await until(async () => ((await world.ask<Status>('status')).counts['working'] ?? 0) === 1, 'the agent works')
  const { pid } = (await world.ask<{ daemon: { pid: number } }>('status')).daemon
  process.kill(pid, 'SIGKILL')
  const moved = copyOf(world, 'moved')
  expect(await failure(moved, 'adopt', world.repo)).toBe('HISTORY_ELSEWHERE')
  rmSync(world.repo, { recursive: true })
  expect(await moved.ask<Adoption>('adopt')).toMatchObject({ runs: 1, lacking: [], code: 0 })
  expect(processesOf(world.root).filter((command) => command.includes('scripted-agent'))).toEqual([])
  renameSync(moved.repo, world.repo)
})

test('a clone takes over from a folder that is still there by force alone; that folder is refused, and may take it back', async () => {
  await using world = await createWorld(options)
  expect((await world.ask('run', '[scenario:one] do it')).outcome).toBe('awaiting-approval')
  const clone = cloneOf(world, 'clone')
  expect((await clone.ask<Status>('status')).warnings).toEqual([])
  expect([await failure(clone, 'adopt'), await failure(clone, 'adopt', 'nothing-such')]).toEqual([
    'HISTORY_UNKNOWN',
    'HISTORY_UNKNOWN',
  ])
  expect(await failure(clone, 'adopt', world.repo)).toBe('HISTORY_ELSEWHERE')
  expect(await clone.ask<Adoption>('adopt', '--force', world.repo)).toMatchObject({
    runs: 1,
    lacking: ['r1'],
    isRefusedThere: true,
  })
  for (const command of [['status'], ['task', 'add', 'x'], ['up', '-d'], ['down'], ['worker'], ['show', 'r1']])
    expect([command, await failure(world, ...command)]).toEqual([command, 'REPOSITORY_ADOPTED'])
  const lacking = await clone.ask('approve', 'r1')
  expect([lacking.outcome, lacking.reason]).toEqual([
    'work-missing',
    expect.stringMatching(/^Its work \([0-9a-f]{10}\) is not in this repository\. Bring it, such as with git fetch /),
  ])
  clone.git('fetch', '--quiet', world.repo, '+refs/heads/cox/*:refs/heads/cox/*')
  expect(await clone.ask('resume', 'r1')).toMatchObject({ outcome: 'landed', code: 0 })
  expect(await world.ask<Adoption>('adopt', '--force')).toMatchObject({ from: join(clone.repo, '.git'), runs: 1, code: 0 })
  expect([(await world.ask<Status>('status')).counts, await failure(clone, 'status')]).toEqual([
    { landed: 1 },
    'REPOSITORY_ADOPTED',
  ])
})

test('nothing is adopted while it is worked on, nor in the place of tasks of its own', async () => {
  await using world = await createWorld(options)
  await world.cox('up', '-d')
  const clone = cloneOf(world, 'clone')
  expect(await failure(clone, 'adopt', '--force', world.repo)).toBe('HISTORY_BUSY')
  const worker = world.start('worker', '--name', 'second')
  const names = async () => (await world.ask<{ workers: { id: string }[] }>('status')).workers.map(({ id }) => id)
  await until(async () => (await names()).includes('second'), 'the second worker works')
  await world.cox('down')
  expect(await failure(clone, 'adopt', '--force', world.repo)).toBe('HISTORY_BUSY')
  const gone = ended(worker)
  worker.kill('SIGTERM')
  await gone
  await clone.cox('task', 'add', 'one of its own')
  expect(await failure(clone, 'adopt', '--force', '--', 'repo')).toBe('HISTORY_UNKNOWN')
  rmSync(join(world.root, 'aside'), { recursive: true, force: true })
  renameSync(world.repo, join(world.root, 'aside'))
  expect(await failure(clone, 'adopt', world.repo)).toBe('HISTORY_PRESENT')
  expect(await clone.ask<Adoption>('adopt', '--force', world.repo)).toMatchObject({
    setAside: expect.stringContaining('/clone-'),
  })
  renameSync(join(world.root, 'aside'), world.repo)
  expect(await failure(world, 'status')).toBe('REPOSITORY_ADOPTED')
  rmSync(world.repo, { recursive: true })
  renameSync(clone.repo, world.repo)
})

test('killed at any moment: never do both go on, and the same command ends it', async () => {
  await using world = await createWorld(options)
  await world.cox('task', 'add', '[scenario:one] do it')
  const clone = cloneOf(world, 'clone')
  const id = basename(world.state())
  const ownerFile = join(world.stateDir, id, 'repository.json')
  const owner = () => readFileSync(ownerFile, 'utf8')
  for (const isSeen of [
    () => existsSync(join(world.stateDir, id, 'postgres/cluster/postmaster.pid')),
    () => owner().includes('isAdopted'),
  ]) {
    const adopting = clone.start('adopt', '--force', world.repo)
    const gone = ended(adopting)
    await until(isSeen, 'it is so far')
    adopting.kill('SIGKILL')
    await gone
    const told = await Promise.all([world, clone].map((each) => each.ask<Partial<Status>>('status')))
    expect(told.filter(({ counts }) => counts?.['queued'] === 1).length).toBeLessThanOrEqual(1)
  }
  expect(await clone.ask<Adoption>('adopt', id)).toMatchObject({ id, code: 0 })
  expect([(await clone.ask<Status>('status')).counts, await failure(world, 'status')]).toEqual([
    { queued: 1 },
    'REPOSITORY_ADOPTED',
  ])
  rmSync(world.repo, { recursive: true })
  renameSync(clone.repo, world.repo)
})
