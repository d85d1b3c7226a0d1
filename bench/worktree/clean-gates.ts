/** What it costs that a gate sees a clean tree: readied and verified before it, thrown away after it, and slower to look through. */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { openGit, readEnvironment, runCommand } from '../../packages/base/host/src/index.ts'
import type { Gate, GateResult } from '../../packages/contracts/model/src/index.ts'
import type { Gates } from '../../packages/work/gates/src/index.ts'
import { createSampleWorld, forms, type SampleWorld } from '../../packages/work/gates/src/testing/sample-world.ts'

/** Files that set-up makes and git ignores: as many as a large workspace's packages have. */
const madeFiles = 36_000

/** Runs in the tree: writes what an install would. */
const setUpScript = `
const { mkdirSync, writeFileSync } = require('node:fs')
for (let folder = 0; folder < ${madeFiles / 20}; folder += 1) {
  mkdirSync('node_modules/made-' + folder + '/lib', { recursive: true })
  for (let file = 0; file < 20; file += 1) writeFileSync('node_modules/made-' + folder + '/lib/' + file + '.js', 'x'.repeat(600))
}`

/** Looks at every entry of the tree, twice, and prints how long the second look took, in milliseconds, and how many there are. */
const lookScript = `
const { lstatSync, readdirSync } = require('node:fs')
const look = (folder) => {
  let count = 0
  for (const name of readdirSync(folder)) {
    const path = folder + '/' + name
    count += 1
    if (name !== '.git' && lstatSync(path).isDirectory()) count += look(path)
  }
  return count
}
look('.')
const startedAt = performance.now()
const count = look('.')
console.log(JSON.stringify([performance.now() - startedAt, count]))`

interface Prices {
  readonly ready: number[]
  readonly drop: number[]
  readonly look: number[]
}

/** Lines of a table. */
export async function measureCleanGates(workspace: string, rounds: number): Promise<string> {
  const lines: string[] = []
  for (const form of Object.keys(forms) as (keyof typeof forms)[]) {
    process.stderr.write(`clean gates, ${form}\n`)
    lines.push(...(await measureForm(workspace, form, rounds)))
  }
  return lines.join('\n')
}

async function measureForm(workspace: string, form: keyof typeof forms, rounds: number): Promise<string[]> {
  const setup = [process.execPath, '-e', setUpScript]
  await using world = await createSampleWorld({ setup, keys: ['package.json'], form })
  await fill(world, workspace)
  const gates = world.open()
  const first = world.commit()
  await gates.judge({ ...world.request(first), gates: [gateOf('set-up', '0')] })
  const prices: Prices = { ready: [], drop: [], look: [] }
  const bare: number[] = []
  const agents = await agentsWorktree(gates, world, first)
  let entries = 0
  for (let round = 0; round < rounds; round += 1) {
    await world.write({ 'changed.txt': `${round}\n` })
    const commit = world.commit()
    const [result] = await world.judge(gates, { commit, base: first, gates: [gateOf('look', lookScript)] })
    const [ms, count] = await note(result, prices)
    prices.look.push(ms)
    entries = count
    bare.push(await lookAt(agents))
  }
  const line = (what: string, value: string, goal = ''): string => `${what.padEnd(44)} ${value.padStart(9)}  ${goal}`
  const slower = (median(prices.look) / median(bare) - 1) * 100
  const name = form === 'overlay' ? 'overlays' : 'no overlays: a tree put right'
  return [
    `clean gates, ${name}; ${entries} entries, medians of ${rounds}`,
    line(
      '  ready, verified, one file changed',
      `${median(prices.ready).toFixed(0)} ms`,
      form === 'overlay' ? 'goal <= 100' : 'goal <= 1500',
    ),
    line('  thrown away', `${median(prices.drop).toFixed(0)} ms`, form === 'overlay' ? 'goal <= 30' : ''),
    line("  a look at every entry, in an agent's tree", `${median(bare).toFixed(0)} ms`),
    line('  the same look by a gate', `${median(prices.look).toFixed(0)} ms`),
    line('  slower by', `${slower.toFixed(1)} %`, 'goal <= 10 %'),
  ]
}

async function note(result: GateResult | undefined, prices: Prices): Promise<[ms: number, entries: number]> {
  if (result?.verdict !== 'passed' || result.treeMs === undefined) throw new Error(`no gate ran: ${JSON.stringify(result)}`)
  prices.ready.push(result.treeMs.ready)
  prices.drop.push(result.treeMs.drop)
  return JSON.parse(await readFile(result.logFile, 'utf8')) as [number, number]
}

async function fill(world: SampleWorld, workspace: string): Promise<void> {
  const repo = world.repository.root
  await cp(workspace, repo, { recursive: true, filter: (path) => path !== join(workspace, '.git') })
  await world.write({ '.gitignore': 'node_modules\n' })
}

/** A worktree as an agent works in it, with what set-up makes. */
async function agentsWorktree(gates: Gates, world: SampleWorld, commit: string): Promise<string> {
  const path = join(world.root, 'agents')
  world.git('worktree', 'add', '--quiet', '--detach', path, commit)
  const { gates: _, ...request } = world.request(commit)
  const failure = await gates.readyWorktree({ ...request, git: openGit(path), record: join(world.root, 'agents.setup') })
  if (failure !== null) throw new Error(failure)
  return path
}

async function lookAt(folder: string): Promise<number> {
  const { exitCode, stdout, stderr } = await runCommand({
    command: [process.execPath, '-e', lookScript],
    cwd: folder,
    env: readEnvironment(),
  })
  if (exitCode !== 0) throw new Error(stderr)
  const [ms] = JSON.parse(stdout) as [number, number]
  return ms
}

function gateOf(name: string, script: string): Gate {
  return { name, command: [process.execPath, '-e', script], timeoutMs: 600_000, network: 'none' }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
