/** `npm run bench:runs`: what the harness costs on top of the same work done by a shell script, in one go on one machine. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '../../packages/apps/sdk/src/index.ts'
import { runCommand } from '../../packages/base/host/src/index.ts'
import { findLive, openWorld, startDaemon, stopDaemon, type World } from '../../packages/dev/chaos/src/index.ts'
import { GateResult } from '../../packages/contracts/model/src/index.ts'
import { commandServerOf, costOf, costOfTree, residentOf } from './process-cost.ts'

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    /** Seconds of one turn. Real ones take minutes; the shorter the turn, the larger the share of everything else. */
    turn: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    /** Seconds after the start that are not idling yet: the engine looks for schedules each second in its first minute. */
    settle: { type: 'string', default: '65' },
    idle: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
})
const runs = Number(flags.runs)
const parallel = 10
const turnMs = Number(flags.turn) * 1_000

interface Work {
  readonly wallMs: number
  /** Median time of one. */
  readonly oneMs: number
}

interface Harness extends Work {
  readonly daemonCpu: number
  /** Of the process that starts the daemon's commands: git, gates, agents. */
  readonly serverCpu: number
  readonly postgresCpu: number
  readonly daemonRss: number
  readonly idleCpuPercent: number
  /** Of a gate: its tree was readied before and thrown away after. */
  readonly treeMs: number
  /** Of a run: all of that. */
  readonly treesOfRunMs: number
}

const rounds: { readonly floor: Work; readonly harness: Harness }[] = []
for (let round = 0; round < Number(flags.rounds); round += 1)
  rounds.push({ floor: await inWorld(measureFloor), harness: await inWorld(measureHarness) })
process.stdout.write(flags.json ? `${JSON.stringify(rounds)}\n` : `${render()}\n`)

async function inWorld<T>(measure: (world: World) => Promise<T>): Promise<T> {
  await using world = await openWorld({ template: join(import.meta.dirname, 'repository'), script: script() })
  return await measure(world)
}

/** A short turn of an agent that mostly waits for its model, with the messages of such a turn. */
function script(): Record<string, unknown> {
  const turn = (number: number): unknown[] => [
    { do: 'say', text: 'Reading.' },
    ...Array.from({ length: 20 }, (_, step) => ({ do: 'think', text: `step ${step} of ${number}` })),
    { do: 'sleep', ms: turnMs / 2 },
    { do: 'write', path: `src/${number}.txt`, content: `work ${number}\n` },
    { do: 'usage', input: 1_000, output: 100 },
    { do: 'sleep', ms: turnMs / 2 },
    { do: 'say', text: 'Done.' },
  ]
  return Object.fromEntries(Array.from({ length: runs }, (_, index) => [`task-${index + 1}`, [turn(index + 1)]]))
}

async function measureFloor(world: World): Promise<Work> {
  const command = world.agent.slice('acp:'.length).split(' ')
  const times: number[] = []
  let next = 1
  const startedAt = performance.now()
  const one = async (): Promise<void> => {
    for (let number = next++; number <= runs; number = next++) {
      const began = performance.now()
      const floor = [
        join(import.meta.dirname, 'floor.sh'),
        world.repository.root,
        join(world.dir, 'floor'),
        String(number),
        join(import.meta.dirname, 'floor-agent.mjs'),
        ...command,
      ]
      const { exitCode, stderr } = await runCommand({ command: floor, cwd: world.dir, env: world.environment })
      if (exitCode !== 0) throw new Error(`floor ${number}: ${stderr}`)
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: parallel }, one))
  await requireLanded(world)
  return { wallMs: performance.now() - startedAt, oneMs: median(times) }
}

async function measureHarness(world: World): Promise<Harness> {
  const failure = await startDaemon(world)
  if (failure !== null) throw new Error(`${failure.code} ${failure.message}`)
  const harness = await measureDaemon(world)
  // Where the measuring failed, the end of the world ends the daemon: how it ends must not hide why.
  await stopDaemon(world)
  return harness
}

async function measureDaemon(world: World): Promise<Harness> {
  const address = await findLive(world)
  if (address === null) throw new Error('no daemon')
  const postmaster = Number((await readFile(join(world.folder.postgres, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0])
  const client = createClient(address)
  await sleep(Number(flags.settle) * 1_000)
  const idleBefore = ownCost(address.pid) + costOfTree(postmaster)
  await sleep(Number(flags.idle) * 1_000)
  const idleCpuPercent = ((ownCost(address.pid) + costOfTree(postmaster) - idleBefore) / Number(flags.idle)) * 100
  const before = { daemon: costOf(address.pid).own, server: serverCost(address.pid), postgres: costOfTree(postmaster) }
  const { lastEvent } = await client.status()
  const startedAt = performance.now()
  for (let number = 1; number <= runs; number += 1)
    await client.addTask({ text: `[scenario:task-${number}] work`, agent: world.agent, mayLand: true })
  const trees: number[] = []
  let landed = 0
  let rss = 0
  for await (const event of client.followEvents({ after: lastEvent, signal: AbortSignal.timeout(600_000) })) {
    rss = Math.max(rss, memoryOf(address.pid))
    trees.push(...treesOf(event.data['results']))
    if (event.data['to'] === 'blocked') throw new Error(`${event.run}: ${String(event.data['reason'])}`)
    if (event.data['to'] === 'landed' && ++landed === runs) break
  }
  const wallMs = performance.now() - startedAt
  while ((await client.status()).active.length > 0) await sleep(20)
  const after = { daemon: costOf(address.pid).own, server: serverCost(address.pid), postgres: costOfTree(postmaster) }
  await requireLanded(world)
  const all = (await client.listRuns()).runs
  const daemonCpu = after.daemon - before.daemon
  const serverCpu = after.server - before.server
  const postgresCpu = after.postgres - before.postgres
  return {
    wallMs,
    oneMs: median(all.map((run) => run.activeMs)),
    daemonCpu,
    serverCpu,
    postgresCpu,
    daemonRss: rss,
    idleCpuPercent,
    treeMs: median(trees),
    treesOfRunMs: trees.reduce((sum, ms) => sum + ms, 0) / runs,
  }
}

/** What the clean trees of these gates took. */
function treesOf(results: unknown): number[] {
  const read = GateResult.array().safeParse(results)
  if (!read.success) return []
  return read.data.flatMap(({ treeMs }) => (treeMs === undefined ? [] : [treeMs.ready + treeMs.drop]))
}

function ownCost(daemon: number): number {
  return costOf(daemon).own + serverCost(daemon)
}

/** Starting git counts; git itself is work that the floor does too. */
function serverCost(daemon: number): number {
  const server = commandServerOf(daemon)
  return server === undefined ? 0 : costOf(server).own
}

function memoryOf(daemon: number): number {
  const server = commandServerOf(daemon)
  return residentOf(daemon) + (server === undefined ? 0 : residentOf(server))
}

async function requireLanded({ repository }: World): Promise<void> {
  const files = (await repository.git.run(['ls-tree', '--name-only', 'main:src']))
    .split('\n')
    .filter((name) => name.endsWith('.txt'))
  if (files.length !== runs) throw new Error(`${files.length} of ${runs} are on main`)
}

function render(): string {
  const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick))
  const overhead = of(({ floor, harness }) => (harness.wallMs / floor.wallMs - 1) * 100)
  const line = (what: string, value: string, goal = ''): string => `${what.padEnd(58)} ${value.padStart(10)}  ${goal}`
  return [
    `${runs} runs, ${parallel} at a time, one turn of ${flags.turn} s each, medians of ${rounds.length} round(s)`,
    line('floor, wall of all', `${(of(({ floor }) => floor.wallMs) / 1000).toFixed(1)} s`),
    line('harness, wall of all', `${(of(({ harness }) => harness.wallMs) / 1000).toFixed(1)} s`),
    line("overhead on the floor's wall", `${overhead.toFixed(1)} %`, 'goal <= 10 %'),
    line('floor, median of one', `${of(({ floor }) => floor.oneMs).toFixed(0)} ms`),
    line('harness, median active time of one', `${of(({ harness }) => harness.oneMs).toFixed(0)} ms`),
    line('of it clean trees: a gate', `${of(({ harness }) => harness.treeMs).toFixed(0)} ms`),
    line('of it clean trees: a run', `${of(({ harness }) => harness.treesOfRunMs).toFixed(0)} ms`),
    line('harness CPU a run: daemon', `${of(({ harness }) => harness.daemonCpu / runs).toFixed(3)} s`),
    line('harness CPU a run: starting commands', `${of(({ harness }) => harness.serverCpu / runs).toFixed(3)} s`),
    line('harness CPU a run: database', `${of(({ harness }) => harness.postgresCpu / runs).toFixed(3)} s`),
    line(
      'harness CPU a run: all three',
      `${of(({ harness }) => (harness.daemonCpu + harness.serverCpu + harness.postgresCpu) / runs).toFixed(3)} s`,
      'goal <= 0.3 s',
    ),
    line(
      'daemon and its command server, most resident memory',
      `${of(({ harness }) => harness.daemonRss).toFixed(0)} MB`,
      'goal <= 250 MB',
    ),
    line('idle CPU of daemon and database', `${of(({ harness }) => harness.idleCpuPercent).toFixed(2)} %`, 'goal <= 1 %'),
  ].join('\n')
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0
}
