import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/* Capabilities: R1, L1. What judges a run is what was committed when it began, not what a file says by now. */

const weaken = `cd "$(git rev-parse --path-format=absolute --git-common-dir)/.." && sed -i 's/test, -f, proof.txt/test, -n, x/; s/policy: ask/policy: auto/' harness/harness.yaml`
const config = `gates: [{ name: proof, command: [test, -f, proof.txt], base: ignored }]
landing: { policy: ask }
limits: { gateRepairs: 0 }
sandbox: "off"
`
const script = {
  weaken: [
    [
      { do: 'run', command: ['sh', '-c', weaken] },
      { do: 'write', path: 'broken.txt', content: 'x\n' },
    ],
  ],
}

test('a gate that is weakened in the checkout while a run works, by an agent that nothing contains, weakens nothing', async () => {
  await using world = await createWorld({ config, script })
  const committed = await world.read('harness/harness.yaml')
  const run = await world.ask<{ outcome: string; reason: string }>('run', '[scenario:weaken] do it', '--land')
  expect(await world.read('harness/harness.yaml')).not.toBe(committed)
  expect([run.outcome, run.reason]).toEqual(['blocked', expect.stringContaining('The gate "proof" failed')])
  // The next task is told, lands only with a person's word, and is judged as committed.
  const next = await world.cox('run', '[scenario:weaken] do it')
  expect(next.stderr).toContain(
    'harness/harness.yaml differs in gates, landing from the one committed on main, which this run uses.',
  )
  expect([next.code, next.stdout]).toEqual([1, expect.stringContaining('The gate "proof" failed')])
  // What a person commits counts from their next word on.
  world.commit('other gates')
  expect((await world.ask('resume', 'r1')).outcome).toBe('landed')
})
