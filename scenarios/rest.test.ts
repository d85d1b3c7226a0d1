import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, processesOf, until, type World } from './world.ts'

/* Capabilities: R2, A2, U1. What is told of a run that rests has happened; a turn that did not come to its end is no finished work. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })
const deaf = { do: 'ignore-terminate' }
const stubborn = (at: string): Readonly<Record<string, unknown>>[][] => [[file(`${at}.txt`), deaf, { do: 'wait', for: at }]]
const cut = { do: 'stop', reason: 'max_turn_requests' }

let world: World

beforeAll(async () => {
  world = await createWorld({
    config: 'concurrency: 4\nsandbox: off\nlanding: { policy: auto }\ngates: [{ name: test, command: [test, -e, README] }]\n',
    files: { README: 'read me\n' },
    script: {
      'to-pause': stubborn('pause'),
      'to-cancel': stubborn('cancel'),
      'to-time-out': stubborn('time-out'),
      finished: [[file('finished.txt'), deaf]],
      'cut-once': [
        [file('half.txt'), cut],
        [{ do: 'mark' }, file('whole.txt')],
      ],
      'cut-always': [[file('first.txt'), cut], [file('second.txt'), cut], [file('third.txt')]],
    },
  })
  await world.cox('up', '-d')
})
afterAll(() => world[Symbol.asyncDispose]())

const agentsOf = (id: string): string[] =>
  processesOf(join(world.state(), 'runs', id)).filter((command) => command.includes('scripted-agent'))

/** The run whose agent stands at this wait. */
async function standing(at: string): Promise<string> {
  const runs = join(world.state(), 'runs')
  const isThere = (run: string): boolean => existsSync(join(runs, run, 'session-1/home/.scripted-agent/waiting', at))
  const find = (): string | undefined => (existsSync(runs) ? readdirSync(runs).find(isThere) : undefined)
  await until(() => find() !== undefined, `an agent stands at ${at}`)
  return find() ?? ''
}

describe.concurrent('a run of an agent that does not end when it is told to', () => {
  test.each([
    ['pause', 'paused'],
    ['cancel', 'cancelled'],
  ])('is told to %s, and is %s when the agent is dead', async (word, state) => {
    const run = world.ask('run', `[scenario:to-${word}] do it`)
    const id = await standing(word)
    const end = await world.ask(word, id)
    expect([end.state, agentsOf(id)]).toEqual([state, []])
    await run
  })

  test('is stopped by its time when the agent is dead', async ({ expect }) => {
    const end = await world.ask('run', '[scenario:to-time-out] do it', '--budget-time', '5s')
    expect([end.state, end.outcome, agentsOf(end.id)]).toEqual(['stopped', 'budget-exceeded', []])
  })

  test('is landed when the agent is dead', async ({ expect }) => {
    const end = await world.ask('run', '[scenario:finished] do it')
    expect([end.state, agentsOf(end.id)]).toEqual(['landed', []])
  })
})

describe.concurrent('a turn that is cut off at a limit', () => {
  test('is followed by another one before anything lands, and the run says so', async ({ expect }) => {
    const end = await world.ask('run', '[scenario:cut-once] do it')
    expect(end).toMatchObject({ outcome: 'landed', turns: 2 })
    expect(world.git('show', '--format=', '--name-only', end.landed ?? '').split('\n')).toEqual(['half.txt', 'whole.txt'])
    expect((await world.cox('logs', end.id)).stdout).toContain(
      'turn ended: failed (turn-limit): Its turn was cut off at the number of requests that it may make',
    )
  })

  test('again and again asks a person, with the work on the branch and none of it landed', async ({ expect }) => {
    const end = await world.ask('run', '[scenario:cut-always] do it')
    expect(end).toMatchObject({ code: 1, state: 'blocked', outcome: 'turn-limit', landed: null, turns: 2 })
    expect(end.reason).toContain('Should it go on? Give it another turn with `cox resume`')
    expect(world.git('diff', '--name-only', `main...cox/${end.id}`).split('\n')).toEqual(['first.txt', 'second.txt'])
    expect((await world.ask('resume', end.id)).outcome).toBe('landed')
  })
})
