import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, ended, isStopped, pidsOf, processesOf, until, type RunResult, type World } from './world.ts'

/* Capabilities: R2, A2, T1, U1. What a person may say to a run, and what stops it. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })
const wait = { do: 'wait', for: 'go' }

let world: World

beforeAll(async () => {
  world = await createWorld({
    config: 'concurrency: 4\ngates: [{ name: test, command: [test, -e, README] }]\n',
    files: { README: 'read me\n' },
    script: {
      listening: [[wait, { do: 'mark' }, file('listening.txt')]],
      paused: [
        [file('before.txt'), wait],
        [{ do: 'mark' }, file('paused.txt')],
      ],
      cancelled: [[file('cancelled.txt'), { do: 'ignore-cancel' }, { do: 'ignore-terminate' }, wait]],
      reworked: [[{ do: 'mark' }, file('first-idea.txt'), wait, file('reworked.txt')]],
      answered: [[{ do: 'say', text: 'Tabs or spaces?' }], [{ do: 'mark' }, file('answered.txt')]],
      approved: [[file('approved.txt'), { do: 'usage', input: 20, output: 5, cachedInput: 100 }]],
      slow: [[file('slow.txt'), wait]],
      dear: [[file('dear.txt'), { do: 'usage', input: 900, output: 200 }], [{ do: 'usage', input: 8, output: 2 }]],
    },
  })
  expect((await world.cox('up', '-d')).code).toBe(0)
})
afterAll(() => world[Symbol.asyncDispose]())

/** A run that stands at its `wait`: the folder in which its agent keeps what it knows. */
async function standing(
  scenario: string,
  ...flags: string[]
): Promise<{ readonly id: string; readonly home: string; readonly end: Promise<RunResult & { code: number | null }> }> {
  const end = world.ask('run', `[scenario:${scenario}] do it`, ...flags)
  let home: string | undefined
  await until(() => (home = waitingHome(world, scenario)) !== undefined, `${scenario} stands`)
  if (home === undefined) throw new Error('unreachable')
  return { id: /\/runs\/(r\d+)\//.exec(home)?.[1] ?? '', home, end }
}

/** The home of the agent that plays this scenario, once it stands at its `wait`: what comes before that is done. */
function waitingHome(of: World, scenario: string): string | undefined {
  const runs = existsSync(of.stateDir) ? join(of.state(), 'runs') : ''
  if (!existsSync(runs)) return undefined
  const homes = readdirSync(runs).flatMap((id) => homesOf(of, id))
  return homes.find((home) => existsSync(join(home, 'waiting/go')) && conversationOf(home).includes(`"${scenario}"`))
}

/** One a session. Looked for by its place: worktrees and gates of other runs come and go meanwhile. */
function homesOf(of: World, id: string): string[] {
  const run = join(of.state(), 'runs', id)
  const sessions = readdirSync(run).filter((name) => name.startsWith('session-'))
  return sessions.map((name) => join(run, name, 'home/.scripted-agent')).filter((home) => existsSync(home))
}

function conversationOf(home: string): string {
  const name = readdirSync(home).find((entry) => entry.endsWith('.json'))
  return name === undefined ? '' : readFileSync(join(home, name), 'utf8')
}

async function release(home: string): Promise<void> {
  await mkdir(join(home, 'released'), { recursive: true })
  await writeFile(join(home, 'released/go'), '')
}

const heardBy = (home: string): Promise<string> => readFile(join(home, 'marks.jsonl'), 'utf8')
const agentsOf = (id: string): string[] =>
  processesOf(join(world.state(), 'runs', id)).filter((command) => command.includes('scripted-agent'))
const changeOf = (id: string): string[] => world.git('diff', '--name-only', `main...cox/${id}`).split('\n')

describe.concurrent('a run', () => {
  test('hears what is said while it works', async ({ expect }) => {
    const { id, home, end } = await standing('listening', '--land')
    expect((await world.cox('say', id, '--no-wait', 'Use', 'tabs', '$HOME')).code).toBe(0)
    await until(
      async () => (await world.cox('logs', id)).stdout.includes('the words reached the live turn'),
      'the words reached the turn',
    )
    await release(home)
    expect(await end).toMatchObject({ outcome: 'landed', turns: 1 })
    expect(await heardBy(home)).toContain('Use tabs $HOME')
  })

  test('goes on with an answer', async ({ expect }) => {
    const { id, outcome } = await world.ask('run', '[scenario:answered] do it', '--land')
    expect([outcome, (await world.ask('say', id, 'Tabs.')).outcome]).toEqual(['no-change', 'landed'])
    const home = homesOf(world, id)[0] ?? ''
    expect(await heardBy(home)).toContain('Tabs.')
  })

  test('pauses, keeps its work, leaves no process, and resumes', async ({ expect }) => {
    const { id, home, end } = await standing('paused', '--land')
    expect(await world.ask('pause', id, '--reason', 'lunch')).toMatchObject({
      code: 0,
      state: 'paused',
      outcome: 'paused',
      reason: 'lunch',
      turns: 1,
    })
    expect(await end).toMatchObject({ code: 1, outcome: 'paused' })
    expect([agentsOf(id), changeOf(id)]).toEqual([[], ['before.txt']])
    expect(await world.ask('resume', id)).toMatchObject({ code: 0, outcome: 'landed', turns: 2 })
    expect(await heardBy(home)).toContain('The last turn did not end well (paused)')
  })

  test('is cancelled with an agent that is deaf to it, and its work stays on the branch', async ({ expect }) => {
    const { id, end } = await standing('cancelled', '--land')
    expect(await world.ask('cancel', id)).toMatchObject({
      code: 0,
      state: 'cancelled',
      outcome: 'cancelled',
      reason: 'Cancelled by a person.',
    })
    expect((await end).code).toBe(1)
    expect([agentsOf(id), changeOf(id)]).toEqual([[], ['cancelled.txt']])
    const again = await world.ask<{ error: { code: string; message: string } }>('resume', id)
    expect([again.code, again.error.code, again.error.message]).toEqual([
      2,
      'INTERVENTION_REFUSED',
      `Cannot resume ${id}: the run has ended (cancelled)`,
    ])
  })

  test('is thrown away and done again with the reason', async ({ expect }) => {
    const { id, home, end } = await standing('reworked', '--land')
    expect((await world.cox('rework', id, '--no-wait', '--reason', 'simpler, please')).code).toBe(0)
    const second = (): string | undefined =>
      homesOf(world, id).find((path) => path !== home && existsSync(join(path, 'marks.jsonl')))
    await until(() => second() !== undefined, 'the second attempt works')
    await release(second() ?? '')
    const { outcome, landed } = await end
    expect([outcome, await heardBy(second() ?? '')]).toEqual([
      'landed',
      expect.stringContaining('An earlier attempt was thrown away. The reason: simpler, please'),
    ])
    expect(world.git('show', '--format=', '--name-only', landed ?? '').split('\n')).toEqual(['first-idea.txt', 'reworked.txt'])
  })

  test('waits for approval, and lands with it; the object it ends with has exactly these keys', async ({ expect }) => {
    const waiting = await world.ask('run', '[scenario:approved] do it')
    expect(waiting).toEqual({
      code: 0,
      id: expect.stringMatching(/^r\d+$/),
      task: expect.stringMatching(/^t\d+$/),
      agent: world.agent,
      state: 'awaiting-approval',
      target: 'main',
      outcome: 'awaiting-approval',
      reason: 'All gates passed; waiting for a person to approve the landing.',
      landed: null,
      branch: `cox/${waiting.id}`,
      turns: 1,
      gateFailures: 0,
      tokens: 125,
      wallMs: expect.any(Number),
    })
    const landed = await world.ask('approve', waiting.id)
    expect(landed).toMatchObject({ code: 0, state: 'landed', outcome: 'landed', landed: expect.stringMatching(/^[0-9a-f]{40}$/) })
    const again = await world.ask<{ error: { code: string } }>('approve', waiting.id)
    expect([again.code, again.error.code]).toEqual([2, 'INTERVENTION_REFUSED'])
  })

  test('is stopped by its time, with the work so far on the branch', async ({ expect }) => {
    const { id, end } = await standing('slow', '--land', '--budget-time', '20s')
    expect(await end).toMatchObject({
      code: 1,
      state: 'stopped',
      outcome: 'budget-exceeded',
      reason: 'The time budget is used up: 20 s of 20 s.',
      landed: null,
    })
    expect([agentsOf(id), changeOf(id)]).toEqual([[], ['slow.txt']])
  })

  test('is stopped by its tokens, and goes on with more of them', async ({ expect }) => {
    const { id, ...end } = await world.ask('run', '[scenario:dear] do it', '--land', '--budget-tokens', '1000')
    expect(end).toMatchObject({
      code: 1,
      state: 'stopped',
      outcome: 'budget-exceeded',
      reason: 'The token budget is used up: 1100 of 1000.',
      tokens: 1100,
    })
    expect(changeOf(id)).toEqual(['dear.txt'])
    expect(await world.ask('resume', id)).toMatchObject({ code: 1, outcome: 'budget-exceeded', tokens: 1100 })
    const landed = await world.ask('resume', id, '--budget-tokens', '5000')
    expect(landed).toMatchObject({ code: 0, outcome: 'landed', tokens: 1110 })
    const taskState = async (): Promise<string> =>
      (await world.ask<{ task: { state: string } }>('task', 'show', landed.task)).task.state
    await until(async () => (await taskState()) === 'done', 'the task is done')
  })

  test('that nobody knows is told', async ({ expect }) => {
    const calls = await Promise.all(
      [
        ['say', 'r999', 'x'],
        ['show', 'r999'],
        ['logs', 'r999'],
        ['task', 'cancel', 't999'],
        ['say', 'r1', ' '],
      ].map((args) => world.ask<{ error: { code: string } }>(...args)),
    )
    expect(calls.map(({ code, error }) => [code, error.code])).toEqual([
      [2, 'RUN_NOT_FOUND'],
      [2, 'RUN_NOT_FOUND'],
      [2, 'RUN_NOT_FOUND'],
      [2, 'TASK_NOT_FOUND'],
      [2, 'REQUEST_INVALID'],
    ])
  })
})

test('Ctrl-C pauses the run and leaves nothing running', async () => {
  await using lonely = await createWorld({ script: { slow: [[file('slow.txt'), wait]] } })
  const child = lonely.start('run', '[scenario:slow] do it', '--json')
  const end = ended(child)
  await until(() => waitingHome(lonely, 'slow') !== undefined, 'the agent works')
  child.kill('SIGINT')
  const { code, stdout } = await end
  expect([code, JSON.parse(stdout)]).toMatchObject([
    1,
    { state: 'paused', outcome: 'paused', reason: 'Interrupted at the terminal.' },
  ])
  expect(processesOf(lonely.root)).toEqual([])
  expect(lonely.git('ls-tree', '--name-only', 'cox/r1')).toBe('harness\nslow.txt')
})

test('Ctrl-C while a command starts its daemon leaves neither a task nor a process', async () => {
  await using lonely = await createWorld()
  const child = lonely.start('run', 'do it', '--json')
  const end = ended(child)
  await until(() => pidsOf(lonely.root, 'daemon-main').length > 0, 'the daemon starts')
  const [daemon = 0] = pidsOf(lonely.root, 'daemon-main')
  // It stands still until it has been told to end: it begins to serve at no other time.
  process.kill(daemon, 'SIGSTOP')
  // Signals are taken in the order of their numbers, and SIGTERM would overtake the one before.
  await until(() => isStopped(daemon), 'the daemon stands still')
  expect(existsSync(join(lonely.state(), 'daemon.json'))).toBe(false)
  child.kill('SIGINT')
  await until(() => isToldToEnd(daemon), 'the daemon is told to end')
  process.kill(daemon, 'SIGCONT')
  const { code, stdout } = await end
  expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'INTERRUPTED' } }])
  expect(processesOf(lonely.root)).toEqual([])
  expect(await lonely.ask('task', 'list', '--all')).toMatchObject({ tasks: [], code: 0 })
})

test('Ctrl-C while the task is added pauses its run before an agent works, and leaves nothing running', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'cox-slow-git-'))
  const path = process.env['PATH'] ?? ''
  // The daemon asks for the branch that is checked out while it adds the task.
  const slowGit = `case "$*" in *symbolic-ref*) : > '${bin}/asked'; until [ -e '${bin}/go' ]; do sleep 0.05; done;; esac`
  await writeFile(join(bin, 'git'), `#!/bin/sh\n${slowGit}\nPATH='${path}' exec git "$@"\n`, { mode: 0o755 })
  await using lonely = await createWorld({ config: 'branch: main\n', env: { PATH: `${bin}:${path}` } })
  const child = lonely.start('run', 'do it', '--json')
  const end = ended(child)
  await until(() => existsSync(join(bin, 'asked')), 'the daemon asks git')
  expect(existsSync(join(lonely.state(), 'daemon.json'))).toBe(true)
  child.kill('SIGINT')
  await writeFile(join(bin, 'go'), '')
  const { code, stdout } = await end
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { outcome: 'paused', turns: 0 }])
  expect(processesOf(lonely.root)).toEqual([])
  expect(await lonely.ask('task', 'list')).toMatchObject({ tasks: [{ run: { state: 'paused' } }], code: 0 })
  await rm(bin, { recursive: true })
})

/** SIGTERM waits to be delivered to this process. */
function isToldToEnd(pid: number): boolean {
  const pending = /^ShdPnd:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return ((BigInt(`0x${pending ?? '0'}`) >> 14n) & 1n) === 1n
}
