import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { agentHome, createWorld, gateOutputs, hasFlag, raiseFlag, release, until, type World } from './world.ts'

/* Capabilities: R1, L1, U1. What is said while no agent works: in the gates, and in the landing. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })

/** Stands while the change and `other.txt` are in one tree, until it may go; `bad.txt` is bad only beside the change. */
const gate = `if [ -e work.txt ]; then
  if [ -e other.txt ]; then echo stands; until ${hasFlag('go')}; do sleep 0.1; done; fi
  [ ! -e bad.txt ]
fi
`

function createTalkingWorld(files: Readonly<Record<string, string>> = {}): Promise<World> {
  return createWorld({
    config: 'gates: [{ name: proof, command: [sh, proof.sh] }]\n',
    files: { 'proof.sh': gate, ...files },
    script: {
      work: [
        [file('work.txt'), { do: 'wait', for: 'go' }],
        [
          { do: 'say', text: 'on it' },
          { do: 'wait', for: 'heard' },
          { do: 'mark' },
          { do: 'run', command: ['rm', '-f', 'bad.txt'] },
        ],
        [{ do: 'mark' }],
      ],
    },
  })
}

const marks = (world: World): string => readFileSync(join(agentHome(world), 'marks.jsonl'), 'utf8')
const logs = async (world: World): Promise<string> => (await world.cox('logs', 'r1')).stdout
const stateOf = async (world: World): Promise<string> => (await world.ask<{ state: string }>('show', 'r1')).state

async function isStanding(world: World): Promise<void> {
  await until(() => gateOutputs(world).includes('stands\n'), 'the gate stands')
}

/** The change is done and its own gates are green; what landed meanwhile makes the landing judge the merge. */
async function standInLanding(world: World, landedMeanwhile: readonly string[]): Promise<void> {
  await world.cox('up', '-d')
  await world.cox('task', 'add', '--land', '[scenario:work] do it')
  await until(
    () => existsSync(world.stateDir) && readdirSync(world.state()).includes('runs') && existsSync(agentHome(world)),
    'the agent works',
  )
  for (const path of landedMeanwhile) await world.write(path, '')
  world.commit('meanwhile')
  await release(world, 'go')
  await isStanding(world)
  await until(async () => (await stateOf(world)) === 'landing', 'it lands')
}

describe.concurrent('what is said to a run', () => {
  test('while its gates run opens a turn before anything lands', async ({ expect }) => {
    await using world = await createTalkingWorld({ 'other.txt': '' })
    await world.cox('up', '-d')
    const end = world.ask('run', '--land', '[scenario:work] do it')
    await until(() => existsSync(world.stateDir) && existsSync(agentHome(world)), 'the agent works')
    await release(world, 'go')
    await isStanding(world)
    await world.cox('say', 'r1', '--no-wait', 'Use tabs')
    await raiseFlag(world, 'go')
    await release(world, 'heard')
    expect(await end).toMatchObject({ outcome: 'landed', turns: 2 })
    expect(marks(world)).toContain('Use tabs')
  })

  test('while it lands reaches the turn that a red merge leads to', async ({ expect }) => {
    await using world = await createTalkingWorld()
    await standInLanding(world, ['other.txt', 'bad.txt'])
    await world.cox('say', 'r1', '--no-wait', 'Use tabs')
    await raiseFlag(world, 'go')
    await until(async () => (await logs(world)).includes('the words reached the live turn'), 'the agent hears it')
    await release(world, 'heard')
    await until(async () => (await stateOf(world)) === 'landed', 'it lands')
    expect(marks(world)).toContain('Use tabs')
    expect(await logs(world)).not.toContain('too late')
  })

  test('while it lands came too late if it landed, and the story says so', async ({ expect }) => {
    await using world = await createTalkingWorld()
    await standInLanding(world, ['other.txt'])
    const said = world.cox('say', 'r1', 'Use tabs')
    await until(async () => (await logs(world)).includes('a person: say Use tabs'), 'it is said')
    await raiseFlag(world, 'go')
    const { code, stderr } = await said
    expect([code, stderr]).toEqual([0, expect.stringContaining('; said too late: Use tabs')])
    expect(await logs(world)).toContain('; said too late: Use tabs')
    await world.cox('down')
  })
})
