import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import {
  createWorld,
  ended,
  entriesOf,
  gateOutputs,
  hasFlag,
  processesOf,
  raiseFlag,
  until,
  type RunResult,
  type World,
} from './world.ts'

/* Capabilities: R1, L1. A gate that is red on the branch itself: known before an agent is paid, and never the author's fault. */

const file = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })
const gate = 'if [ -e broken.txt ]; then echo "Error: broken.txt is there"; exit 1; fi\n'

function createRedWorld(files: Readonly<Record<string, string>> = {}, config = ''): Promise<World> {
  return createWorld({
    config: `gates:\n  - { name: proof, command: [sh, proof.sh] }\n${config}`,
    files: { 'proof.sh': gate, ...files },
    script: {
      work: [[file('work.txt')]],
      more: [[file('more.txt')]],
      last: [[file('last.txt')]],
      slow: [[file('slow.txt'), { do: 'sleep', ms: 60_000 }]],
      mend: [[{ do: 'run', command: ['rm', 'broken.txt'] }, file('mended.txt')]],
    },
  })
}

/** How often the gate ran. */
const judged = (world: World): number => gateOutputs(world).length

const runs = async (world: World): Promise<(RunResult & { readonly state: string })[]> => {
  const { tasks } = await world.ask<{ tasks: { run: RunResult }[] }>('task', 'list', '--all')
  return tasks.map(({ run }) => run)
}

test.concurrent('a branch that is red starts no agent, is judged once for a whole backlog, and the runs go on when it is mended', async ({
  expect,
}) => {
  await using world = await createRedWorld({ 'broken.txt': '' })
  for (const scenario of ['work', 'more']) await world.cox('task', 'add', `[scenario:${scenario}] do it`)
  await world.cox('up', '-d')
  await until(async () => (await runs(world)).every(({ state }) => state === 'blocked'), 'both are blocked')
  const base = world.git('rev-parse', '--short=10', 'main')
  expect((await runs(world)).map(({ outcome, reason, turns }) => ({ outcome, reason, turns }))).toEqual(
    [1, 2].map(() => ({
      outcome: 'base-red',
      reason: `The gate "proof" is red on the branch itself (${base}), without this change:\nError: broken.txt is there\nNo agent was started. Mend it, then \`cox resume\`; if mending it is the task, say so with \`cox say\`, or start such a task with \`--red-base\`.`,
      turns: 0,
    })),
  )
  expect(judged(world)).toBe(1)
  world.git('rm', '--quiet', 'broken.txt')
  const green = world.commit('mend by hand')
  expect(await world.ask('resume', 'r1')).toMatchObject({ outcome: 'awaiting-approval', turns: 1 })
  // Nobody spoke to the other: what the first came to know sent it on.
  await until(async () => (await stateOf(world, 'r2')) === 'awaiting-approval', 'the other is done')
  expect(judged(world)).toBe(4) // the branch as it is now, and both changes
  expect((await world.cox('logs', 'r2')).stdout).toContain(
    `the gates pass on the branch again, at ${green.slice(0, 10)}…: the run goes on`,
  )
  expect((await world.ask('approve', 'r1')).outcome).toBe('landed')
})

test.concurrent('a landing sends on what a red branch stopped, work that waits to land too; a crash in between is made up for', async ({
  expect,
}) => {
  await using world = await createRedWorld()
  await world.cox('up', '-d')
  const done = await world.ask('run', '[scenario:work] do it')
  await world.write('broken.txt', '')
  world.commit('break by hand')
  expect((await world.ask('approve', done.id)).outcome).toBe('base-red')
  for (const scenario of ['more', 'mend']) await world.cox('task', 'add', `[scenario:${scenario}] do it`, '--land')
  await until(async () => (await runs(world)).every(({ outcome }) => outcome === 'base-red'), 'all are blocked')
  expect(await world.ask('say', 'r3', 'Yes, remove it')).toMatchObject({ outcome: 'landed', turns: 1 })
  await until(async () => (await runs(world)).every(({ outcome }) => outcome === 'landed'), 'all have landed')
  expect((await runs(world)).map(({ turns }) => turns)).toEqual([1, 1, 1])

  await world.write('broken.txt', '')
  world.commit('break by hand')
  await world.cox('task', 'add', '[scenario:last] do it')
  await until(async () => (await stateOf(world, 'r4')) === 'blocked', 'it is blocked')
  await world.cox('down')
  world.git('reset', '--quiet', '--hard', 'HEAD~1') // what landed last passed its gates
  expect((await world.ask<{ active: unknown[] }>('status')).active).toEqual([])
  expect(await stateOf(world, 'r4')).toBe('blocked')
  await world.cox('up', '-d')
  await until(async () => (await stateOf(world, 'r4')) === 'awaiting-approval', 'it goes on')
})

test.concurrent('`cox resume` takes several runs, or all of an outcome', async ({ expect }) => {
  await using world = await createRedWorld({ 'broken.txt': '' })
  await world.cox('up', '-d')
  for (const scenario of ['work', 'more']) await world.cox('task', 'add', `[scenario:${scenario}] do it`)
  await until(async () => (await runs(world)).every(({ state }) => state === 'blocked'), 'both are blocked')
  expect((await world.cox('resume')).stderr).toContain('USAGE: Neither a run nor an outcome is named')
  expect((await world.cox('resume', '--outcome', 'auth')).stdout).toBe('No run rests as auth.\n')
  const sent = await world.cox('resume', 'r9', 'r1', '--no-wait')
  expect(sent).toMatchObject({ code: 1, stdout: 'There is no run r9\nr1 goes on\n' })
  await until(async () => (await stateOf(world, 'r1')) === 'blocked', 'it is red still')
  const red = await world.cox('resume', 'r9', 'r1', 'r2')
  expect([red.code, red.stdout]).toEqual([1, expect.stringMatching(/^There is no run r9\nr1 base-red \(.*\nr2 base-red \(/s)])
  expect(red.stderr).toMatch(/ r1 a person: resume\n/)
  expect(red.stderr).toMatch(/ r2 a person: resume\n/)
  world.git('rm', '--quiet', 'broken.txt')
  world.commit('mend by hand')
  expect(await world.ask('resume', '--outcome', 'base-red')).toMatchObject({
    code: 0,
    runs: [
      { run: 'r1', error: null, result: { id: 'r1', outcome: 'awaiting-approval', turns: 1 } },
      { run: 'r2', error: null, result: { id: 'r2', outcome: 'awaiting-approval', turns: 1 } },
    ],
  })
})

test.concurrent('`cox resume` of several runs is left by a Ctrl-C: a daemon that stays goes on, and without one they are paused', async ({
  expect,
}) => {
  for (const isStanding of [true, false]) {
    await using world = await createRedWorld({ 'broken.txt': '' })
    for (const scenario of ['slow', 'slow']) await world.ask('run', `[scenario:${scenario}] do it`)
    world.git('rm', '--quiet', 'broken.txt')
    world.commit('mend by hand')
    if (isStanding) await world.cox('up', '-d')
    const following = world.start('resume', 'r1', 'r2')
    const end = ended(following)
    let told = ''
    following.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()))
    await until(() => told.includes('worktree ready at'), 'one is under way')
    following.kill('SIGINT')
    const { code, stderr } = await end
    expect([code, stderr]).toEqual([1, expect.stringContaining(isStanding ? 'the daemon goes on with them' : 'pausing r1, r2 …')])
    const states = (await runs(world)).map(({ state }) => state)
    if (isStanding) expect(states).not.toContain('paused')
    else expect(states).toEqual(['paused', 'paused'])
  }
})

test.concurrent('who is asked for after the world was mended outside of git is judged anew', async ({ expect }) => {
  await using world = await createRedWorld()
  await world.write('proof.sh', `${gate}${hasFlag('tool')}\n`)
  world.commit('a tool')
  await world.cox('up', '-d')
  expect((await world.ask('run', '[scenario:work] do it')).outcome).toBe('base-red')
  await raiseFlag(world, 'tool')
  expect((await world.ask('run', '[scenario:work] do it')).outcome).toBe('awaiting-approval')
})

test.concurrent('the task that mends the branch may start on it: told beforehand, or afterwards', async ({ expect }) => {
  await using world = await createRedWorld({ 'broken.txt': '' })
  const told = await world.ask('run', '[scenario:mend] remove it', '--red-base', '--land')
  expect(told).toMatchObject({ outcome: 'landed', turns: 1, gateFailures: 0 })
  world.git('revert', '--no-edit', told.landed ?? '')
  const stopped = await world.ask('run', '[scenario:mend] remove it', '--land')
  expect(stopped).toMatchObject({ outcome: 'base-red', turns: 0 })
  expect(await world.ask('say', stopped.id, 'Yes, remove it')).toMatchObject({ outcome: 'landed', turns: 1 })
})

test.concurrent('a branch that turned red before the landing is not the author’s fault; the work lands when it is mended', async ({
  expect,
}) => {
  await using world = await createRedWorld()
  const { id, outcome } = await world.ask('run', '[scenario:work] do it')
  expect(outcome).toBe('awaiting-approval')
  await world.write('broken.txt', '')
  world.commit('break by hand')
  const postponed = await world.ask('approve', id)
  expect(postponed).toMatchObject({ code: 1, outcome: 'base-red', turns: 1, gateFailures: 0 })
  expect(postponed.reason).toContain('Mend the branch, then `cox resume`')
  world.git('rm', '--quiet', 'broken.txt')
  world.commit('mend by hand')
  expect(await world.ask('resume', id)).toMatchObject({ outcome: 'landed', turns: 1 })
})

test.concurrent('a gate that judges the change as such is not asked of the branch', async ({ expect }) => {
  await using world = await createRedWorld({}, '  - { name: changelog, command: [test, -e, work.txt], base: ignored }\n')
  expect(await world.ask('run', '[scenario:work] do it')).toMatchObject({ outcome: 'awaiting-approval', turns: 1 })
})

test.concurrent('a gate whose program is missing is told before an agent starts', async ({ expect }) => {
  await using world = await createRedWorld({}, '  - { name: lint, command: [no-such-linter] }\n')
  expect(await world.ask('run', '[scenario:work] do it')).toMatchObject({ outcome: 'gate-unusable', turns: 0 })
})

test.concurrent('a run that is paused while its base is judged leaves the judging to the next; killed in the middle, it is joined', async ({
  expect,
}) => {
  await using world = await createRedWorld({}, 'concurrency: 2\n')
  await world.write('proof.sh', `until ${hasFlag('go')}; do sleep 0.1; done\n`)
  world.commit('a slow gate')
  await world.cox('up', '-d')
  for (const scenario of ['work', 'more']) await world.cox('task', 'add', `[scenario:${scenario}] do it`)
  await until(() => judged(world) === 1, 'the base is judged')
  await until(async () => (await runs(world)).every(({ state }) => state === 'preparing'), 'both wait for that')
  const [first = '', second = ''] = await judgeFirst(world)
  expect((await world.ask('pause', first)).outcome).toBe('paused')
  await until(() => judged(world) === 2, 'the other judges')
  const { pid } = JSON.parse(readFileSync(join(world.state(), 'daemon.json'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await until(() => !processesOf(world.root).some((command) => command.includes('daemon-main')), 'the daemon is dead')
  await world.cox('up', '-d')
  await raiseFlag(world, 'go')
  await until(async () => (await stateOf(world, second)) === 'awaiting-approval', 'the other is done')
  expect(judged(world)).toBe(3) // the paused one, the other's, and its change
  expect(await world.ask('resume', first)).toMatchObject({ outcome: 'awaiting-approval', turns: 1 })
  expect(judged(world)).toBe(4)
})

const stateOf = async (world: World, id: string): Promise<string | undefined> =>
  (await runs(world)).find((run) => run.id === id)?.state

/** The run in whose worktree the gate runs comes first. */
async function judgeFirst(world: World): Promise<string[]> {
  const ids = (await runs(world)).map(({ id }) => id)
  const holdsGate = (id: string): boolean =>
    entriesOf(join(world.state(), 'runs', id)).some((step) => entriesOf(step).some((path) => path.includes('/gates-')))
  return ids.toSorted((a, b) => Number(holdsGate(b)) - Number(holdsGate(a)))
}
