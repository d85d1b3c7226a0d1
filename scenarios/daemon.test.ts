import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { createWorld, ended, pidsOf, processesOf, until, type World } from './world.ts'

/* Capabilities: U1, U2, T1. One daemon a repository, databases that are not there, the backlog, the budget of the day. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string }
}
interface Status {
  readonly daemon: unknown
  readonly active: readonly { readonly state: string }[]
  readonly suspended: readonly string[]
  readonly warnings: readonly string[]
}
interface Cleaned {
  readonly branches: readonly string[]
  readonly worktrees: number
}
interface Tasks {
  readonly tasks: readonly { readonly task: { readonly id: string; readonly title: string; readonly origin: string } }[]
}

const daemonsOf = (world: World): string[] => processesOf(world.root).filter((command) => command.includes('daemon-main'))

/** A zone where no midnight comes between what is spent and what is asked. */
function aroundNoon(): string {
  const behind = new Date().getUTCHours() - 12
  return `Etc/GMT${behind < 0 ? '' : '+'}${behind}`
}

/** What the state folder holds besides what has its place there. */
async function leftIn(world: World): Promise<string[]> {
  const known = ['daemon.log', 'postgres', 'repository.json', 'runs', 'worktrees']
  return (await readdir(world.state())).filter((name) => !known.includes(name))
}

describe.concurrent('a daemon', () => {
  test('is alone in its repository, also when two are started at once', async ({ expect }) => {
    await using world = await createWorld()
    const calls = await Promise.all([world.cox('up', '-d', '--json'), world.cox('up', '-d', '--json')])
    expect(daemonsOf(world)).toHaveLength(1)
    const third = await world.ask<Failure>('up', '-d')
    expect([third.code, third.error.code]).toEqual([2, 'DAEMON_RUNNING'])
    // The second one either meets the first, or finds the address of the one that won.
    const pids = calls.filter(({ code }) => code === 0).map(({ stdout }) => (JSON.parse(stdout) as { pid: number }).pid)
    expect([new Set(pids).size, calls.filter(({ code, stdout }) => code !== 0 && !stdout.includes('DAEMON_RUNNING'))]).toEqual([
      1,
      [],
    ])
    expect((await world.cox('down')).code).toBe(0)
    await until(() => processesOf(world.root).length === 0, 'nothing runs')
    expect((await world.cox('down')).stdout).toBe('No daemon runs.\n')
    expect(await leftIn(world)).toEqual([])
  })

  test('that is refused, or whose starter is killed, leaves no file of its start', async ({ expect }) => {
    await using world = await createWorld()
    const starters = [world.start('up', '-d'), world.start('up', '-d')]
    await until(() => daemonsOf(world).length > 0, 'one of them starts')
    for (const starter of starters) starter.kill('SIGKILL')
    await until(async () => (await world.ask<Failure>('up', '-d')).error?.code === 'DAEMON_RUNNING', 'a daemon is there')
    // One that is refused need not have waited until the other serves, and only one that serves can be told to end.
    await until(async () => (await readdir(world.state())).includes('daemon.json'), 'it serves')
    await world.cox('down')
    await until(() => processesOf(world.root).length === 0, 'nothing runs')
    const url = 'postgres://ann@127.0.0.1:1/coxswain'
    const [program, ...args] = world.command('up', '-d', '--json')
    const failing = spawn(program, args, { cwd: world.repo, env: { ...world.env, COXSWAIN_DATABASE_URL: url } })
    expect(await ended(failing)).toMatchObject({ code: 2, stdout: expect.stringContaining('DATABASE_UNREACHABLE') })
    expect(await leftIn(world)).toEqual([])
  })

  test('that is killed while it starts says so', async ({ expect }) => {
    await using world = await createWorld()
    const starting = ended(world.start('up', '-d', '--json'))
    let pid = 0
    await until(() => (pid = pidsOf(world.root, 'daemon-main')[0] ?? 0) > 0, 'it starts')
    process.kill(pid, 'SIGKILL')
    const { code, stdout } = await starting
    expect([code, (JSON.parse(stdout) as Failure).error]).toMatchObject([
      2,
      {
        code: 'DAEMON_FAILED',
        message: 'The daemon ended while starting, by SIGKILL',
        hint: 'Somebody killed it, or the machine was short of memory: start it again.',
        data: { pid, signal: 'SIGKILL' },
      },
    ])
    expect((await world.cox('up', '-d')).code).toBe(0)
  })

  test('in the foreground ends with Ctrl-C and leaves nothing', async ({ expect }) => {
    await using world = await createWorld()
    const child = world.start('up')
    const end = ended(child)
    await until(
      async () =>
        (await readdir(world.stateDir).catch(() => [])).length > 0 && (await readdir(world.state())).includes('daemon.json'),
      'it serves',
    )
    child.kill('SIGINT')
    expect((await end).code).toBe(0)
    expect(processesOf(world.root)).toEqual([])
  })

  test('without its database says what to check', async ({ expect }) => {
    const url = 'postgres://ann:hunter2hunter2@127.0.0.1:1/coxswain'
    await using world = await createWorld({ env: { COXSWAIN_DATABASE_URL: url } })
    const call = await world.cox('run', 'do it', '--json')
    const { error } = JSON.parse(call.stdout) as Failure
    expect([call.code, error.code, error.hint]).toEqual([
      2,
      'DATABASE_UNREACHABLE',
      'Check that Postgres runs and that the database url is right; nothing written so far is lost.',
    ])
    expect(call.stdout + call.stderr).not.toContain('hunter2')
  })
})

describe.concurrent('what a killed daemon left', () => {
  test('goes on at the next `cox up`, not because somebody looks', async ({ expect }) => {
    await using world = await createWorld({
      script: { slow: [[{ do: 'wait', for: 'go' }, file('slow.txt')]] },
    })
    const { pid } = await world.ask<{ pid: number }>('up', '-d')
    await world.ask('task', 'add', '[scenario:slow] do it')
    const stateOf = async (): Promise<string> => (await world.ask<{ state: string }>('show', 'r1')).state
    const agentHome = join(world.state(), 'runs/r1/session-1/home/.scripted-agent')
    await until(() => existsSync(join(agentHome, 'waiting/go')), 'the agent works')
    process.kill(pid, 'SIGKILL')
    await until(() => !processesOf(world.root).some((command) => command.includes('daemon-main')), 'the daemon is dead')
    const status = await world.ask<Status>('status')
    expect([
      status.daemon,
      status.active.map(({ state }) => state),
      status.warnings.filter((text) => text.includes('cox up')),
    ]).toEqual([null, ['working'], [expect.stringContaining('1 run')]])
    expect(await stateOf()).toBe('working')
    await world.cox('up', '-d')
    await mkdir(join(agentHome, 'released/go'), { recursive: true })
    await until(async () => (await stateOf()) === 'awaiting-approval', 'it goes on')
    expect((await world.ask<{ turns: number }>('show', 'r1')).turns).toBe(1)
    await world.cox('down')
  })

  test('in an orderly way can be cancelled by a command of its own', async ({ expect }) => {
    await using world = await createWorld({ script: { slow: [[{ do: 'wait', for: 'never' }]] } })
    await world.cox('up', '-d')
    await world.ask('task', 'add', '[scenario:slow] do it')
    const stateOf = async (): Promise<string> => (await world.ask<{ state: string }>('show', 'r1')).state
    await until(async () => (await stateOf()) === 'working', 'the agent works')
    expect((await world.cox('down')).code).toBe(0)
    expect(await world.ask<Status>('status')).toMatchObject({ warnings: [expect.stringMatching(/gates/)], suspended: ['r1'] })
    const { stdout } = await world.cox('status')
    expect(stdout).toContain('1 run waits for `cox up`: the daemon was stopped.\nRuns: 1 stopped with the daemon. Today')
    expect(stdout).toMatch(/\nStopped\n {2}r1 waits for `cox up` · /)
    expect(stdout).not.toMatch(/is gone|Going on|working/)
    expect((await world.cox('task', 'list')).stdout).toMatch(/r1 +waits for `cox up` /)
    expect((await world.cox('task', 'show', 't1')).stdout).toContain('\nr1 waits for `cox up` · ')
    expect((await world.cox('show', 'r1')).stdout).toContain('\nr1 waits for `cox up` (')
    expect(await world.ask('show', 'r1')).toMatchObject({ state: 'working', isSuspended: true })
    expect((await world.cox('cancel', 'r1')).code).toBe(0)
    expect(await world.ask('show', 'r1')).toMatchObject({ state: 'cancelled', isSuspended: false })
    expect(processesOf(world.root)).toEqual([])
  })
})

describe.concurrent('what ended runs left', () => {
  test('is cleaned away, but not what a person made of it', async ({ expect }) => {
    await using world = await createWorld({
      config: 'landing: { keepBranches: true }\n',
      script: Object.fromEntries(['one', 'two', 'three'].map((name) => [name, [[file(`${name}.txt`)]]])),
    })
    await world.cox('up', '-d')
    for (const name of ['one', 'two', 'three'])
      await world.ask('run', `[scenario:${name}] do it`, ...(name === 'three' ? [] : ['--land']))
    world.git('branch', '-f', 'cox/r2', world.git('commit-tree', '-m', 'mine', '-p', 'cox/r2', 'cox/r2^{tree}'))
    const planned = await world.ask<Cleaned>('clean', '--dry-run')
    const cleaned = await world.ask<Cleaned>('clean')
    expect([planned.branches, cleaned.branches, planned.worktrees]).toEqual([['cox/r1'], ['cox/r1'], cleaned.worktrees])
    expect(cleaned.worktrees).toBeGreaterThan(0)
    expect(world.git('branch', '--list', 'cox/*', '--format=%(refname:short)').split('\n')).toEqual(['cox/r2', 'cox/r3'])
    expect((await world.ask('approve', 'r3')).code).toBe(0)
    await until(
      async () => (await world.ask<{ state: string }>('show', 'r3')).state === 'landed',
      'it lands without the old worktree',
    )
    await world.cox('down')
  })
})

describe.concurrent('the backlog', () => {
  test('takes each Markdown file once, and a changed one again', async ({ expect }) => {
    await using world = await createWorld()
    const folder = join(world.root, 'tasks')
    await mkdir(folder)
    await writeFile(join(folder, 'b second.md'), '# Second\n\nDo that.\n')
    await writeFile(join(folder, 'a-first.md'), 'Do this.\n')
    await writeFile(join(folder, 'notes.txt'), 'no task\n')
    const added: number[] = []
    await world.cox('up', '-d') // so that each call need not start one
    const takeIn = async (): Promise<void> =>
      void added.push((await world.ask<{ added: number }>('task', 'import', folder)).added)
    await takeIn()
    await takeIn()
    await writeFile(join(folder, 'a-first.md'), 'Do THIS.\n') // of the same length
    await takeIn()
    const { tasks } = await world.ask<Tasks>('task', 'list')
    expect([added, tasks.map(({ task }) => [task.id, task.title, task.origin])]).toEqual([
      [2, 0, 1],
      [
        ['t1', 'Do this.', 'file:a-first.md'],
        ['t2', 'Second', 'file:b second.md'],
        ['t3', 'Do THIS.', 'file:a-first.md'],
      ],
    ])
    await writeFile(join(folder, 'c-empty.md'), '\n')
    expect((await world.ask<Failure>('task', 'import', folder)).error.code).toBe('TASK_EMPTY')
  })

  test('takes a task whose agent is not here, and says so; what is to start now is refused', async ({ expect }) => {
    await using world = await createWorld()
    await world.write('backlog/one.md', 'Do this.\n')
    await world.cox('up', '-d')
    const missing =
      'The agent "acp:no-such-agent" needs the program no-such-agent, which was not found. Install it, or write its full path after `acp:`.'
    const added = await world.cox('task', 'add', 'do it', '--agent', 'acp:no-such-agent', '--priority', '1000')
    expect(added).toMatchObject({ code: 0, stdout: 't1 added: do it\n', stderr: `Warning: ${missing}\n` })
    expect(await world.ask('task', 'import', join(world.repo, 'backlog'), '--agent', 'acp:no-such-agent')).toMatchObject({
      code: 0,
      added: 1,
      warnings: [missing],
    })
    expect(await world.ask<Failure>('run', 'do it', '--agent', 'acp:no-such-agent')).toMatchObject({
      code: 2,
      error: { code: 'AGENT_NOT_INSTALLED' },
    })
  })

  test('stops when the budget of the day is used up, and says so', async ({ expect }) => {
    await using world = await createWorld({
      env: { TZ: aroundNoon() },
      config: 'day: { tokens: 1000 }\n',
      script: {
        dear: [[file('dear.txt'), { do: 'usage', input: 900, output: 200 }]],
        'dear-question': [[{ do: 'usage', input: 1, output: 0 }], [file('never.txt')]],
      },
    })
    const question = await world.ask('run', '[scenario:dear-question] do it')
    expect((await world.ask('run', '[scenario:dear] do it', '--land')).outcome).toBe('landed')
    const { code, error } = await world.ask<Failure>('run', '[scenario:dear] do it again')
    expect([code, error.code, error.message]).toEqual([
      2,
      'DAY_BUDGET_SPENT',
      'The token budget of the day is used up: 1101 of 1000. It goes on tomorrow, or when `day` in harness/harness.yaml allows more.',
    ])
    expect((await world.ask<{ warnings: string[] }>('status')).warnings).toContain(error.message)
    expect([question.outcome, (await world.cox('task', 'add', 'for tomorrow')).code]).toEqual(['no-change', 0])
  })
})
