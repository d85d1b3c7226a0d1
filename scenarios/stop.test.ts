import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { createWorld, ended, hasFlag, processesOf, raiseFlag, until, type World } from './world.ts'

/* Capabilities: R2, U1. A daemon that is stopped in an orderly way in the middle of its work. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string }
}
interface Shown {
  readonly state: string
  readonly outcome: string | null
  readonly turns: number
  readonly gateFailures: number
}

const shown = (world: World): Promise<Shown> => world.ask<Shown>('show', 'r1')
const logs = async (world: World): Promise<string> => (await world.cox('logs', 'r1')).stdout
const agentHome = (world: World): string => join(world.state(), 'runs/r1/session-1/home/.scripted-agent')

function marks(world: World): string[] {
  const path = existsSync(world.stateDir) ? join(agentHome(world), 'marks.jsonl') : ''
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

async function release(world: World): Promise<void> {
  await mkdir(join(agentHome(world), 'released'), { recursive: true })
  await writeFile(join(agentHome(world), 'released/go'), '')
}

/** Without a retry: a stop that counted as a crash would end the run. */
const config = 'limits: { agentRetries: 0 }\ngates: [{ name: proof, command: [sh, proof.sh] }]\n'

function createStandingWorld(): Promise<World> {
  return createWorld({
    config,
    files: { 'proof.sh': 'exit 0\n' },
    script: { slow: [[file('before.txt'), { do: 'mark' }, { do: 'wait', for: 'go' }, file('after.txt')]] },
  })
}

async function expectToGoOn(world: World, expect: (typeof import('vitest'))['expect']): Promise<void> {
  expect(processesOf(world.root)).toEqual([])
  expect(world.git('branch', '--list', 'cox/r1')).toContain('cox/r1')
  const told = 'r1 the daemon was stopped; the run goes on when it starts again'
  expect(await logs(world)).toContain(told)
  await world.cox('up', '-d')
  await until(() => marks(world).length === 2, 'the agent works again')
  expect(marks(world)[1]).toContain('The last turn did not end well (the daemon was stopped). Go on where you left off')
  await release(world)
  await until(async () => (await shown(world)).state === 'awaiting-approval', 'the run is done')
  expect(await shown(world)).toMatchObject({ turns: 2, gateFailures: 0 })
  const story = await logs(world)
  expect([story.split(told).length, story.split('turn ended: cut short (the daemon was stopped)').length]).toEqual([2, 2])
  expect(story).not.toMatch(/crash|exit (code )?143|failed/)
  expect(world.git('diff', '--name-only', 'main...cox/r1').split('\n')).toEqual(['after.txt', 'before.txt'])
}

describe.concurrent('a run whose daemon is stopped in the middle of a turn', () => {
  test('is kept, which whoever follows it is told, and goes on', async ({ expect }) => {
    await using world = await createStandingWorld()
    await world.cox('up', '-d')
    const following = world.ask<Failure>('run', '[scenario:slow] do it')
    await until(() => marks(world).length === 1, 'the agent works')
    expect((await world.cox('down')).code).toBe(0)
    expect(await following).toMatchObject({
      code: 2,
      error: {
        code: 'DAEMON_STOPPED',
        message: 'The daemon was stopped while r1 was followed; the run and its work are kept',
        hint: '`cox up` goes on with it; `cox show r1` tells where it stands.',
      },
    })
    await expectToGoOn(world, expect)
  })

  test('by Ctrl-C of `cox up` is kept and goes on', async ({ expect }) => {
    await using world = await createStandingWorld()
    const up = world.start('up')
    const end = ended(up)
    await until(
      () =>
        existsSync(world.stateDir) && readdirSync(world.stateDir).length > 0 && existsSync(join(world.state(), 'daemon.json')),
      'it serves',
    )
    await world.cox('task', 'add', '[scenario:slow] do it')
    await until(() => marks(world).length === 1, 'the agent works')
    up.kill('SIGINT')
    expect((await end).code).toBe(0)
    await expectToGoOn(world, expect)
  })

  test('that was killed before is joined and then stopped, as the refusal says', async ({ expect }) => {
    await using world = await createStandingWorld()
    const { pid } = await world.ask<{ readonly pid: number }>('up', '-d')
    await world.cox('task', 'add', '[scenario:slow] do it')
    await until(() => marks(world).length === 1, 'the agent works')
    process.kill(pid, 'SIGKILL')
    await until(() => !processesOf(world.root).some((command) => command.includes('daemon-main')), 'the daemon is dead')
    const { code, stdout } = await world.cox('down')
    expect([code, stdout]).toEqual([
      1,
      'No daemon runs. 1 command of its runs is alive: those of a daemon that was killed are joined by `cox up -d`, and then ended by `cox down`.\n',
    ])
    await world.cox('up', '-d')
    expect(await world.ask<{ readonly stopped: number }>('down')).toMatchObject({ code: 0, stopped: expect.any(Number) })
    await expectToGoOn(world, expect)
  })

  test('a second time goes on again', async ({ expect }) => {
    await using world = await createStandingWorld()
    await world.cox('up', '-d')
    await world.cox('task', 'add', '[scenario:slow] do it')
    await until(() => marks(world).length === 1, 'the agent works')
    let pid = 0
    for (const count of [2, 3]) {
      await world.cox('down')
      pid = (await world.ask<{ readonly pid: number }>('up', '-d')).pid
      await until(() => marks(world).length === count, 'the agent works again')
    }
    process.kill(pid, 'SIGKILL')
    await until(() => !processesOf(world.root).some((command) => command.includes('daemon-main')), 'the daemon is dead')
    // It was stopped before, and that is not why it waits now.
    expect((await world.cox('status')).stdout).toMatch(
      /^Warning: The daemon that worked on 1 run is gone; .*\n(?:.*\n)*Going on\n {2}r1 working/m,
    )
    await world.cox('up', '-d')
    await release(world)
    await until(async () => (await shown(world)).state === 'awaiting-approval', 'the run is done')
    expect(await shown(world)).toMatchObject({ turns: 3 })
  })
})

test('a gate and a set-up that a stop cuts short run again, and the agent hears nothing of it', async ({ expect }) => {
  const slow = (name: string): string =>
    `echo ${name} $$; trap 'exit 1' TERM; while ! ${hasFlag(`${name}-go`)}; do sleep 0.1; done\n`
  await using world = await createWorld({
    config: `${config}setup: { command: [sh, setup.sh] }\n`,
    // The same gate judges the base, too, before any turn: only a tree with work in it starts the script that is looked for.
    files: {
      'proof.sh': '[ ! -e work.txt ] || exec sh judge.sh\n',
      'judge.sh': slow('judged'),
      'setup.sh': slow('set-up'),
    },
    script: { work: [[file('work.txt')]] },
  })
  const isUnderWay = (script: string): boolean => processesOf(world.root).some((command) => command.endsWith(`sh ${script}`))
  await world.cox('up', '-d')
  await world.cox('task', 'add', '[scenario:work] do it')
  for (const [name, script] of [
    ['set-up', 'setup.sh'],
    ['judged', 'judge.sh'],
  ] as const) {
    await until(() => isUnderWay(script), `${name} is under way`)
    await world.cox('down')
    expect(processesOf(world.root)).toEqual([])
    await world.cox('up', '-d')
    await until(() => isUnderWay(script), `${name} is under way again`)
    await raiseFlag(world, `${name}-go`)
  }
  await until(async () => (await shown(world)).state === 'awaiting-approval', 'the run is done')
  expect(await shown(world)).toMatchObject({ turns: 1, gateFailures: 0 })
})
