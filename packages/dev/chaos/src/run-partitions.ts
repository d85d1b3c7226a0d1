import { join } from 'node:path'
import { startDetached } from '@coxswain/host'
import { isCoxError, milliseconds, seconds, sleep } from '@coxswain/kernel'
import { isAtRest, type EventName, type Run, type StoredEvent } from '@coxswain/model'
import { createClient, type Client } from '@coxswain/sdk'
import { startEmbeddedPostgres } from '@coxswain/store'
import { planBacklog, type Backlog } from './backlog.ts'
import { checkMachine, type Invariant } from './check-machine.ts'
import { checkRecords } from './check-records.ts'
import { checkRepository } from './check-repository.ts'
import { openCutConnection, type CutConnection } from './cut-connection.ts'
import { findLive, startDaemon, stopDaemon } from './daemon-keeper.ts'
import { coxCommand, openWorld, type World } from './open-world.ts'
import { startKiller } from './killer.ts'
import { createRandom, type Random } from './random.ts'

export interface Partitions {
  readonly seed: number
  readonly cuts: readonly { readonly how: string; readonly seconds: number }[]
  /** Of the worker that is cut off, and of agents, gates and the database. */
  readonly kills: number
  /** Runs that went to the other worker meanwhile. */
  readonly takenOver: number
  /** How long a run that could land waited at most while nothing landed. */
  readonly longestStallMs: number
  readonly invariants: readonly Invariant[]
}

export interface PartitionOptions {
  readonly runs: number
  readonly cuts: number
  readonly seed: number
  /** kill -9 of the worker that is cut off, and of agents, gates and the database, at the same time. */
  readonly kills?: number
  /** Of each cut, in seconds: a worker is taken for dead after 20. */
  readonly between?: readonly [number, number]
  /** Each cut lasts on until the other worker has taken over what this one held. */
  readonly untilTakenOver?: boolean
}

/** Two workers on one git folder; one of them is cut off from the database for a while, again and again, and comes back. */
export async function runPartitions(options: PartitionOptions): Promise<Partitions> {
  const { runs, cuts, seed, kills = 0, between = [2, 32], untilTakenOver = false } = options
  const random = createRandom(seed)
  const backlog = planBacklog(runs, random)
  await using world = await openWorld({ template: join(import.meta.dirname, '../fixtures/repository'), script: backlog.script })
  const failure = await startDaemon(world)
  if (failure !== null) throw new Error(`the daemon did not start: ${failure.code} ${failure.message}`)
  const { url } = await startEmbeddedPostgres({ dataDir: world.folder.postgres, signal: AbortSignal.timeout(60_000) })
  await using connection = await openCutConnection(url, join(world.dir, 'way'))
  const worker = await keepWorker(world, connection)
  const killer = startKiller({ world, random: createRandom(seed + 1), total: kills, kinds: killedKinds })
  try {
    const address = await findLive(world)
    if (address === null) throw new Error('the daemon is gone')
    const client = createClient(address)
    await waitUntil(async () => (await client.status()).workers.length === 2)
    for (const { key, text } of backlog.items) await client.addTask({ key, text, agent: world.agent, mayLand: true })
    await waitForWork(client)
    killer.setProgress(runs, runs)
    const hasEnded = (): Promise<boolean> => isOver(client)
    const lasts = untilTakenOver ? (): Promise<void> => waitForTakeover(client, hasEnded) : null
    const killed = kills === 0 ? null : worker
    const made = await cutAgainAndAgain({ connection, random, between, cuts, hasEnded, lasts, killed })
    await killer.stop()
    await waitUntil(hasEnded)
    const events = await allEvents(client)
    const unlanded = (await client.listRuns()).runs.filter((run) => run.state !== 'landed')
    await worker.stop()
    await stopDaemon(world)
    return {
      seed,
      cuts: made,
      kills: worker.kills() + Object.values(killer.counts).reduce((sum, count) => sum + count, 0),
      takenOver: events.filter(({ name }) => name === 'run-taken-over').length,
      longestStallMs: longestStall(events),
      invariants: await checkAll(world, backlog, unlanded),
    }
  } finally {
    await killer.stop()
    connection.heal()
    await worker.stop()
    await stopDaemon(world)
  }
}

async function checkAll(world: World, backlog: Backlog, unlanded: readonly Run[]): Promise<Invariant[]> {
  return [
    { name: 'runs that did not land', broken: unlanded.map((run) => `${run.id} ${run.outcome}: ${run.reason}`) },
    ...(await checkMachine(world)),
    ...(await checkRepository(world, backlog, 2)),
    ...(await checkRecords(world, backlog)),
  ]
}

/** The daemon itself stays: it is the other worker, and who is asked. It starts the database again. */
const killedKinds = ['postmaster', 'backend', 'agent', 'gate'] as const

interface Cutting {
  readonly connection: CutConnection
  readonly random: Random
  readonly between: readonly [number, number]
  readonly cuts: number
  readonly hasEnded: () => Promise<boolean>
  /** What a cut waits for besides its time. */
  readonly lasts: (() => Promise<void>) | null
  /** Killed at some moment of a cut, and started again after it; null: left alive. */
  readonly killed: KeptWorker | null
}

async function cutAgainAndAgain({
  connection,
  random,
  between,
  cuts,
  hasEnded,
  lasts,
  killed,
}: Cutting): Promise<Partitions['cuts']> {
  const made: { readonly how: string; readonly seconds: number }[] = []
  while (made.length < cuts && !(await hasEnded())) {
    const how = random.pick(['silent', 'refused'] as const) ?? 'silent'
    const length = random.between(between[0], between[1] + 1)
    connection.cut(how)
    const untilKill = killed !== null && random.below(10) < 6 ? random.between(0, length * 1_000) : null
    if (untilKill !== null) await sleep(milliseconds(untilKill))
    if (untilKill !== null) killed?.kill()
    await sleep(milliseconds(length * 1_000 - (untilKill ?? 0)))
    await lasts?.()
    connection.heal()
    await killed?.ensure()
    made.push({ how, seconds: length })
    await sleep(random.between(500, 4_000))
  }
  return made
}

async function waitForTakeover(client: Client, hasEnded: () => Promise<boolean>): Promise<void> {
  const names: readonly EventName[] = ['run-taken-over']
  await waitUntil(async () => (await client.listEvents({ names, limit: 1 })).events.length > 0 || (await hasEnded()))
}

/** A run whose agent was killed too often is resumed, as a person would. */
async function isOver(client: Client): Promise<boolean> {
  try {
    const { runs } = await client.listRuns()
    const crashed = runs.filter(({ outcome }) => outcome === 'crashed')
    for (const { id } of crashed) await client.intervene(id, { kind: 'resume', text: '' })
    return crashed.length === 0 && runs.every((run) => isAtRest(run.state))
  } catch (error) {
    if (!isCoxError(error)) throw error
    return false // the database has just been killed
  }
}

const workerName = 'second'

interface KeptWorker {
  /** As a crash does. */
  kill(): void
  /** Starts it again where it is gone. */
  ensure(): Promise<void>
  kills(): number
  stop(): Promise<void>
}

async function keepWorker(world: World, connection: CutConnection): Promise<KeptWorker> {
  let kills = 0
  let worker = await startWorker(world, connection, kills)
  return {
    kill: () => {
      // Its own group: agents and gates lead others, and outlive it.
      if (worker.isAlive()) process.kill(-worker.identity.pid, 'SIGKILL')
      kills += 1
    },
    ensure: async () => {
      if (!worker.isAlive()) worker = await startWorker(world, connection, kills)
    },
    kills: () => kills,
    stop: async () => void (await worker.stop({ grace: seconds(20) })),
  }
}

function startWorker(world: World, { url }: CutConnection, life: number): ReturnType<typeof startDetached> {
  return startDetached({
    dir: join(world.dir, `worker-${life}`),
    key: workerName,
    command: coxCommand('worker', '--name', workerName, '-C', world.repository.root),
    cwd: world.dir,
    env: { ...world.environment, COXSWAIN_DATABASE_URL: url },
    input: 'none',
  })
}

/** Until an agent of the worker that will be cut off is at work; a backlog that the other worker finished first is over. */
async function waitForWork(client: Client): Promise<void> {
  await waitUntil(async () => {
    if (await isOver(client)) return true
    const events = await allEvents(client)
    const claimed = events.filter(({ name, data }) => name === 'run-claimed' && data['worker'] === workerName)
    return events.some(({ name, run }) => name === 'worktree-prepared' && claimed.some((claim) => claim.run === run))
  })
}

async function allEvents(client: Client): Promise<StoredEvent[]> {
  const all: StoredEvent[] = []
  for (;;) {
    const { events } = await client.listEvents({ after: all.at(-1)?.seq ?? 0, limit: 1_000 })
    all.push(...events)
    if (events.length < 1_000) return all
  }
}

/** From the moment in which some run began to land, or the last landing, to the next one that ends. */
export function longestStall(events: readonly Pick<StoredEvent, 'at' | 'run' | 'data'>[]): number {
  const landing = new Set<string>()
  let since = 0
  let longest = 0
  for (const { at, run, data } of events) {
    if (run === null || data['to'] === undefined) continue
    if (data['to'] === 'landing') {
      if (landing.size === 0) since = at
      landing.add(run)
    } else if (landing.delete(run)) {
      longest = Math.max(longest, at - since)
      since = at
    }
  }
  return longest
}

const limitMs = 600_000

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 100) {
    if (waited > limitMs) throw new Error('what was waited for did not come')
    await sleep(100)
  }
}
