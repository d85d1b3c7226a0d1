import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, processesOf, type World } from './world.ts'

/* Capabilities: R1. What a gate's command may do wrong; each is told with a next step, and leaves nothing behind. */

/** The gate does what the file `mode` of the change says. */
const gate = `mode=$(cat mode 2>/dev/null)
case "$mode" in
  loud) head -c 100000000 /dev/zero | tr '\\0' x; echo; echo "Error: it is loud"; exit 1 ;;
  dies) kill -9 $$ ;;
  litters) setsid sleep 3605 & mkdir -p out; echo report >out/report.txt; rm README; exit 0 ;;
  secret) echo "token=ghp_0123456789012345678901234567890123456789"; exit 1 ;;
esac
`

let world: World

beforeAll(async () => {
  const modes = ['loud', 'dies', 'litters', 'secret', 'fine']
  world = await createWorld({
    config: 'concurrency: 3\nlimits: { gateRepairs: 0 }\ngates:\n  - { name: proof, command: [sh, proof.sh] }\n',
    files: { README: 'read me\n', 'proof.sh': gate },
    script: Object.fromEntries(
      modes.map((mode) => [
        mode,
        [
          [
            { do: 'write', path: 'mode', content: mode },
            { do: 'write', path: `${mode}.txt`, content: '' },
          ],
        ],
      ]),
    ),
  })
  expect((await world.cox('up', '-d')).code).toBe(0)
})
afterAll(() => world[Symbol.asyncDispose]())

const run = (mode: string) => world.ask('run', `[scenario:${mode}] do it`)
const sleepersOf = ({ root }: World): string[] => processesOf(root).filter((command) => /sleep 36/.test(command))
interface Shown {
  readonly gates: readonly { readonly verdict: string; readonly exitCode: number | null; readonly excerpt: string }[]
}

describe.concurrent('a gate that', () => {
  test('hangs is killed with all it started', async ({ expect }) => {
    // No other gate has so short a limit, which a busy machine may need for a gate that does not hang.
    await using slow = await createWorld({
      config: 'limits: { gateRepairs: 0 }\ngates: [{ name: proof, command: [sh, proof.sh], timeout: 3s, base: ignored }]\n',
      files: { 'proof.sh': 'setsid sleep 3603 & sleep 3604\n' },
      script: { hangs: [[{ do: 'write', path: 'hangs.txt', content: '' }]] },
    })
    expect((await slow.cox('up', '-d')).code).toBe(0)
    const { id, outcome, reason } = await slow.ask('run', '[scenario:hangs] do it')
    const { gates } = await slow.ask<Shown>('show', id)
    expect(sleepersOf(slow)).toEqual([])
    expect([outcome, gates.map(({ verdict }) => verdict), reason?.split('\n')[1]]).toEqual([
      'blocked',
      ['timed-out'],
      'It ran longer than its limit of 3 s and was killed.',
    ])
  })

  test('prints 100 MB is cut, and what matters is told', async ({ expect }) => {
    const { id, outcome, reason } = await run('loud')
    const { gates } = await world.ask<Shown>('show', id)
    expect([outcome, (reason ?? '').length < 2_000, (gates[0]?.excerpt.length ?? 0) < 4_100]).toEqual(['blocked', true, true])
  })

  test('dies by a signal is told apart from one that fails', async ({ expect }) => {
    const { id, outcome, gateFailures } = await run('dies')
    const { gates } = await world.ask<Shown>('show', id)
    expect([outcome, gateFailures, gates.map(({ verdict, exitCode }) => [verdict, exitCode])]).toEqual([
      'blocked',
      1,
      [['killed', null]],
    ])
  })

  test('passes and leaves processes and changed files lands the work alone', async ({ expect }) => {
    const { id, outcome } = await run('litters')
    expect([outcome, world.git('diff', '--name-only', `main...cox/${id}`)]).toEqual(['awaiting-approval', 'litters.txt\nmode'])
  })

  test('prints a secret does not spread it', async ({ expect }) => {
    const { id } = await run('secret')
    const told = await Promise.all([world.cox('show', id, '--json'), world.cox('logs', id, '--json')])
    expect(told.filter(({ stdout }) => stdout.includes('ghp_0123'))).toEqual([])
  })
})

test('no gate left a process', () => {
  expect(sleepersOf(world)).toEqual([])
})

test('a program that is not there blocks with the next step, and goes on when the harness is corrected', async () => {
  await world.write(
    'harness/harness.yaml',
    (await world.read('harness/harness.yaml')).replace('[sh, proof.sh]', '[no-such-program, --all]'),
  )
  world.commit('a gate that is not there')
  const { id, outcome, reason } = await run('fine')
  expect([outcome, reason]).toEqual([
    'gate-unusable',
    'The gate "proof" cannot be started: "no-such-program" was not found or is not executable.',
  ])
  await world.write(
    'harness/harness.yaml',
    (await world.read('harness/harness.yaml')).replace('no-such-program, --all', 'sh, proof.sh'),
  )
  world.commit('the gate is back')
  expect(await world.ask('resume', id)).toMatchObject({ outcome: 'awaiting-approval', turns: 1 })
})
