import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { agentHome, createWorld, release, until, type World } from './world.ts'

/* Capabilities: R1, L1. What a gate sees is the tree with what set-up makes from it, whatever agents and earlier gates left. */

const shell = (script: string): Readonly<Record<string, unknown>> => ({ do: 'run', command: ['sh', '-c', script] })

/** Installs the program that the gate runs, and what it needs. */
const setup = 'mkdir -p node_modules/.bin && cp verify.sh node_modules/.bin/verify && cp dependency node_modules/dependency\n'
const verify = `[ ! -e broken ] || { echo "Error: it is broken"; exit 1; }
[ ! -e uses-flag ] || [ -e dist/flag ] || { echo "Error: the flag is missing"; exit 1; }
[ ! -e uses-extra ] || [ -e node_modules/extra/index.js ] || { echo "Error: extra is missing"; exit 1; }
touch dist-of-gate 2>/dev/null; mkdir -p dist && touch dist/left-by-gate
`

function createCleanWorld(config = ''): Promise<World> {
  return createWorld({
    config: `landing: { policy: auto }
limits: { gateRepairs: 0 }
setup: { command: [sh, setup.sh], keys: [lock] }
gates:
  - { name: verify, command: [sh, node_modules/.bin/verify] }
${config}`,
    files: {
      '.gitignore': 'node_modules\ndist\n',
      lock: '1\n',
      dependency: 'dependency\n',
      'setup.sh': setup,
      'verify.sh': verify,
    },
    script: {
      poison: [[shell('echo "exit 0" >node_modules/.bin/verify; touch broken; mkdir -p dist; touch dist/stale')]],
      flag: [[shell('mkdir -p dist; touch dist/flag uses-flag')]],
      unsaved: [[shell('mkdir -p node_modules/extra; touch node_modules/extra/index.js uses-extra')]],
      honest: [[shell('{ cat node_modules/.bin/verify; ls dist node_modules; } >seen.txt 2>&1')]],
      ignored: [[shell('mkdir -p dist; touch dist/one dist/two')]],
      meanwhile: [[shell('echo "exit 0" >node_modules/.bin/verify; touch mine.txt'), { do: 'wait', for: 'go' }]],
    },
  })
}

const run = (world: World, scenario: string) => world.ask('run', `[scenario:${scenario}] do it`)

/** Whether the gates pass on a fresh clone of what landed. */
async function isGreenInClone(world: World): Promise<boolean> {
  const clone = join(world.root, 'clone')
  execFileSync('git', ['clone', '-q', world.repo, clone], { env: world.env })
  try {
    execFileSync('sh', ['-c', 'sh setup.sh && sh node_modules/.bin/verify'], { cwd: clone, env: world.env })
    return true
  } catch {
    return false
  }
}

describe.concurrent('work that is green only by', () => {
  test.for([
    ['a program of the gate that the agent replaced', 'poison', 'Error: it is broken'],
    ['a file that git ignores', 'flag', 'Error: the flag is missing'],
    ['a package that was never saved', 'unsaved', 'Error: extra is missing'],
  ] as const)('%s does not land, and the next run in that slot finds nothing of it', async ([, scenario, words], { expect }) => {
    await using world = await createCleanWorld()
    await world.cox('up', '-d')
    const { outcome, reason } = await run(world, scenario)
    expect([outcome, reason?.includes(words)]).toEqual(['blocked', true])
    const honest = await run(world, 'honest')
    expect(honest.outcome).toBe('landed')
    expect(world.git('show', 'main:seen.txt')).toMatch(/touch dist\/left-by-gate\nls: .*dist.*\nnode_modules:\ndependency$/)
    expect(await isGreenInClone(world)).toBe(true)
  })
})

describe.concurrent('a run', () => {
  test('lands a merge that is judged as clean as its work was', async ({ expect }) => {
    await using world = await createCleanWorld()
    await world.cox('up', '-d')
    await world.cox('task', 'add', '[scenario:meanwhile] do it')
    await until(() => existsSync(agentHome(world)), 'the agent works')
    await world.write('broken', '')
    world.commit('main is broken meanwhile')
    await release(world, 'go')
    await until(async () => (await world.ask<{ state: string }>('show', 'r1')).state === 'blocked', 'it is judged')
    expect(await world.ask('show', 'r1')).toMatchObject({ outcome: 'base-red' })
  })

  test('that wrote only what git ignores is told so', async ({ expect }) => {
    await using world = await createCleanWorld()
    const { outcome, reason } = await run(world, 'ignored')
    expect([outcome, reason?.split('\n')[0]]).toEqual([
      'no-change',
      'The agent changed only what git ignores, which is no work: dist/ (.gitignore:2). It said nothing.',
    ])
  })

  test('says which set-up is missing where the gates are red on the branch for want of it', async ({ expect }) => {
    await using world = await createWorld({
      config: 'gates: [{ name: test, command: [npm, test] }]\n',
      files: {
        '.gitignore': 'node_modules\n.env\n',
        'package.json': '{ "name": "x", "scripts": { "test": "tool" }, "devDependencies": { "tool": "1.0.0" } }\n',
        'package-lock.json': '{ "name": "x", "lockfileVersion": 3, "packages": {} }\n',
      },
    })
    await world.write('node_modules/.bin/tool', '#!/bin/sh\n')
    await world.write('.env', 'KEY=1\n')
    const { outcome, reason } = await world.ask('run', 'do it')
    expect([outcome, reason?.split('\n').slice(-2)]).toEqual([
      'base-red',
      [
        'Gates run in a fresh worktree, which has no node_modules/, no .env: git ignores such files, and `setup:` in harness/harness.yaml makes them: `setup: { command: [npm, ci] }`.',
        'No agent was started. Add what is missing, then `cox resume`.',
      ],
    ])
  })

  test('whose gate wants a package from the network is told which, and the ways out', async ({ expect }) => {
    await using world = await createWorld({ config: 'gates: [{ name: lint, command: [npx, --yes, "@scope/no-such-linter"] }]\n' })
    const { outcome, reason } = await world.ask('run', 'do it')
    expect([outcome, reason?.includes('This gate has no network, and it wanted "@scope/no-such-linter".')]).toEqual([
      'base-red',
      true,
    ])
  })
})
