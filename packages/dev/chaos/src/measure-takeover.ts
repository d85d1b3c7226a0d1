import { join } from 'node:path'
import { startDetached } from '@coxswain/host'
import { seconds, sleep } from '@coxswain/kernel'
import type { StoredEvent } from '@coxswain/model'
import { createClient, type Client } from '@coxswain/sdk'
import { planBacklog } from './backlog.ts'
import { findLive, startDaemon, stopDaemon } from './daemon-keeper.ts'
import { coxCommand, openWorld, type World } from './open-world.ts'
import { createRandom } from './random.ts'

export interface Takeover {
  /** Runs that the killed worker held. */
  readonly moved: number
  /** From the kill to the first event that the survivor wrote for one of them, and to the first step that it finished. */
  readonly firstEventMs: number
  readonly firstStepMs: number
  /** How many agent events were stored twice, and which runs did not land, with the reason. */
  readonly doubled: number
  readonly notLanded: readonly string[]
}

const runs = 12

/** Two workers on one database; one is killed with -9 in the middle of its runs. */
export async function measureTakeover(seed: number): Promise<Takeover> {
  const { items, script } = planBacklog(runs, createRandom(seed))
  await using world = await openWorld({ template: join(import.meta.dirname, '../fixtures/repository'), script })
  const failure = await startDaemon(world)
  if (failure !== null) throw new Error(`the daemon did not start: ${failure.code} ${failure.message}`)
  const worker = await startWorker(world)
  try {
    const address = await findLive(world)
    if (address === null) throw new Error('the daemon is gone')
    const client = createClient(address)
    await waitUntil(async () => (await client.status()).workers.length === 2)
    for (const { key, text } of items) await client.addTask({ key, text, agent: world.agent, mayLand: true })
    const mine = await waitForWork(client)
    const { lastEvent } = await client.status()
    process.kill(await workerPid(client), 'SIGKILL')
    const killedAt = Date.now()
    const events: StoredEvent[] = []
    for await (const event of client.followEvents({ after: lastEvent, signal: AbortSignal.timeout(300_000) })) {
      events.push(event)
      if (
        event.data['to'] !== undefined &&
        (await client.listRuns()).runs.every((run) => run.state === 'landed' || run.state === 'blocked')
      )
        break
    }
    const all = (await client.listRuns()).runs
    const taken = events.find(({ name }) => name === 'run-taken-over')
    const step = events.find(
      ({ run, name, data, at }) =>
        run !== null &&
        mine.includes(run) &&
        data['to'] !== undefined &&
        name !== 'run-taken-over' &&
        taken !== undefined &&
        at >= taken.at,
    )
    return {
      moved: events.filter(({ name }) => name === 'run-taken-over').length,
      firstEventMs: (taken?.at ?? Number.NaN) - killedAt,
      firstStepMs: (step?.at ?? Number.NaN) - killedAt,
      doubled: countDoubled(events),
      notLanded: all.filter((run) => run.state !== 'landed').map((run) => `${run.id} ${run.outcome}: ${run.reason}`),
    }
  } finally {
    await worker.stop({ grace: seconds(20) })
    await stopDaemon(world)
  }
}

const workerName = 'second'

function startWorker(world: World): ReturnType<typeof startDetached> {
  const command = coxCommand('worker', '--name', workerName, '-C', world.repository.root)
  return startDetached({
    dir: join(world.dir, 'worker'),
    key: workerName,
    command,
    cwd: world.dir,
    env: world.environment,
    input: 'none',
  })
}

async function workerPid(client: Client): Promise<number> {
  const found = (await client.status()).workers.find(({ id }) => id === workerName)
  if (found === undefined) throw new Error('the worker is gone')
  return found.pid
}

/** The runs of the second worker, once an agent of one of them is at work. */
async function waitForWork(client: Client): Promise<string[]> {
  const mine = new Set<string>()
  await waitUntil(async () => {
    const { events } = await client.listEvents({ limit: 10_000 })
    for (const { name, run, data } of events)
      if (name === 'run-claimed' && data['worker'] === workerName && run !== null) mine.add(run)
    return events.some(({ name, run }) => name === 'worktree-prepared' && run !== null && mine.has(run))
  })
  return [...mine]
}

function countDoubled(events: readonly StoredEvent[]): number {
  const places = events
    .filter(({ name }) => name.startsWith('agent-'))
    .map(({ run, data }) => `${run} ${String(data['program'])} ${String(data['position'])}`)
  return places.length - new Set(places).size
}

const limitMs = 120_000

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 50) {
    if (waited > limitMs) throw new Error('what was waited for did not come')
    await sleep(50)
  }
}
