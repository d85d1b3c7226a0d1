import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { knownEvent } from '@coxswain/model'
import { startEmbeddedPostgres } from '@coxswain/store'
import { Client } from 'pg'
import { z } from 'zod'
import type { Backlog } from './backlog.ts'
import type { Invariant } from './check-machine.ts'
import type { World } from './open-world.ts'

/** What stands in the database, and whether agents and git agree with it. */
export async function checkRecords(world: World, backlog: Backlog): Promise<Invariant[]> {
  const postgres = await startEmbeddedPostgres({ dataDir: world.folder.postgres, signal: AbortSignal.timeout(60_000) })
  const client = new Client({ connectionString: postgres.url })
  try {
    await client.connect()
    const { events, runs, turns, workflows, keys } = await readRecords(client)
    return [
      {
        name: 'tasks lost or doubled in the store',
        broken: diff(
          backlog.items.map(({ key }) => key),
          keys.map(({ key }) => key),
        ),
      },
      {
        name: 'tasks not done',
        broken: keys.filter(({ state }) => state !== 'done').map(({ number, state }) => `t${number} is ${state}`),
      },
      {
        name: 'claims left',
        broken: runs.filter(({ worker }) => worker !== null).map(({ number, worker }) => `r${number} held by ${worker}`),
      },
      {
        name: 'workflows unfinished',
        broken: workflows.filter(({ status }) => status !== 'SUCCESS').map((each) => `${each.workflow_uuid} ${each.status}`),
      },
      numbersMissing(events),
      {
        name: 'events in another shape than their name has',
        broken: events.filter((event) => knownEvent(event) === null).map(({ seq, name }) => `${seq} ${name}`),
      },
      transitionsBroken(events),
      await landingsUnrecorded(world, runs),
      turnsMiscounted(events, runs, turns),
      agentEventsDoubled(events),
      await promptsDoubled(world, runs),
      await turnsLost(world, events, runs),
    ]
  } finally {
    await client.end().catch(() => {}) // it may never have connected
    await postgres.stop()
  }
}

async function readRecords(client: Client) {
  const events = z
    .array(Event)
    .parse((await client.query('select seq, run, name, data, version, key from coxswain.events order by seq')).rows)
  const runs = z
    .array(RunRow)
    .parse(
      (await client.query('select number, task, state, worker, landed, turns, tokens from coxswain.runs order by number')).rows,
    )
  const turns = z.array(TurnRow).parse((await client.query('select run, key, input, output from coxswain.turns')).rows)
  const workflows = z
    .array(WorkflowRow)
    .parse((await client.query('select workflow_uuid, status from coxswain_engine.workflow_status')).rows)
  const keys = z.array(TaskRow).parse((await client.query('select number, key, state from coxswain.tasks order by number')).rows)
  return { events, runs, turns, workflows, keys }
}

const Event = z.object({
  seq: z.coerce.number(),
  run: z.coerce.number().nullable(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
  version: z.number(),
  key: z.string().nullable(),
})
type Event = z.infer<typeof Event>
const RunRow = z.object({
  number: z.coerce.number(),
  task: z.coerce.number(),
  state: z.string(),
  worker: z.string().nullable(),
  landed: z.string().nullable(),
  turns: z.number(),
  tokens: z.object({ input: z.number(), output: z.number() }),
})
type RunRow = z.infer<typeof RunRow>
const TurnRow = z.object({ run: z.coerce.number(), key: z.string(), input: z.coerce.number(), output: z.coerce.number() })
type TurnRow = z.infer<typeof TurnRow>
const WorkflowRow = z.object({ workflow_uuid: z.string(), status: z.string() })
const TaskRow = z.object({ number: z.coerce.number(), key: z.string(), state: z.string() })

function diff(expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...expected.filter((key) => !found.includes(key)).map((key) => `${key} is missing`),
    ...found.filter((key, index) => found.indexOf(key) !== index).map((key) => `${key} is there twice`),
  ]
}

function numbersMissing(events: readonly Event[]): Invariant {
  const gap = events.findIndex(({ seq }, index) => seq !== index + 1)
  return { name: 'event numbers missing or doubled', broken: gap === -1 ? [] : [`at ${gap + 1}`] }
}

/** Each step of a leg is recorded once, in order, from the state that the one before left. */
function transitionsBroken(events: readonly Event[]): Invariant {
  const broken: string[] = []
  const last = new Map<number, { readonly state: unknown; readonly step: number }>()
  for (const { run, key, data, name } of events) {
    const step = /^transition\/r\d+\/(\d+)\/(\d+)$/.exec(key ?? '')
    // A takeover goes from worker to worker, not from state to state.
    if (run === null || data['to'] === undefined || name === 'run-taken-over') continue
    const before = last.get(run)
    const order = step === null ? (before?.step ?? 0) : Number(step[1]) * 1_000 + Number(step[2])
    // A leg starts from the state that a person left: queued.
    if (before !== undefined && before.state !== data['from'])
      broken.push(`r${run} ${name}: from ${String(data['from'])} after ${String(before.state)}`)
    if (step !== null && before !== undefined && order <= before.step) broken.push(`r${run} ${name}: step ${key} came again`)
    last.set(run, { state: data['to'], step: order })
  }
  return { name: 'steps recorded twice or out of order', broken }
}

async function landingsUnrecorded({ repository }: World, runs: readonly RunRow[]): Promise<Invariant> {
  const listed = await repository.git.run([
    'log',
    '--first-parent',
    '--format=%H %(trailers:key=Coxswain-Run,valueonly,separator=%x2C)',
    'main',
  ])
  const onMain = new Map(listed.split('\n').map((line): [string, string] => [line.split(' ')[1] ?? '', line.split(' ')[0] ?? '']))
  const broken = runs
    .filter(({ number, landed }) => (onMain.get(`r${number}`) ?? null) !== landed)
    .map(({ number, landed }) => `r${number}: recorded ${landed ?? 'nothing'}, on main ${onMain.get(`r${number}`) ?? 'nothing'}`)
  return { name: 'landings on main and in the store differ', broken }
}

/** What each turn cost is counted once. */
function turnsMiscounted(events: readonly Event[], runs: readonly RunRow[], turns: readonly TurnRow[]): Invariant {
  const broken: string[] = []
  for (const { number, turns: counted, tokens } of runs) {
    const ended = events.filter((event) => event.run === number && event.name === 'turn-ended').length
    const own = turns.filter((turn) => turn.run === number)
    const spent = own.reduce((sum, turn) => ({ input: sum.input + turn.input, output: sum.output + turn.output }), {
      input: 0,
      output: 0,
    })
    if (ended !== counted) broken.push(`r${number}: ${ended} turn-ended events, ${counted} turns`)
    if (own.length !== counted) broken.push(`r${number}: ${own.length} turns in the ledger, ${counted} in the run`)
    if (spent.input !== tokens.input || spent.output !== tokens.output)
      broken.push(`r${number}: ledger ${spent.input}/${spent.output}, run ${tokens.input}/${tokens.output}`)
  }
  return { name: 'turns or tokens counted twice', broken }
}

function agentEventsDoubled(events: readonly Event[]): Invariant {
  const seen = new Set<string>()
  const broken: string[] = []
  for (const { run, name, data, seq } of events) {
    if (!name.startsWith('agent-')) continue
    const id = `r${run} ${String(data['program'])} ${String(data['position'])}`
    if (seen.has(id)) broken.push(`${seq} ${name} (${id})`)
    seen.add(id)
  }
  return { name: 'agent events stored twice', broken }
}

/** Every prompt that ever went to an agent, by the key of its turn. */
async function promptsDoubled(world: World, runs: readonly RunRow[]): Promise<Invariant> {
  const broken: string[] = []
  for (const { number } of runs) {
    const sent: string[] = []
    for (const file of await filesNamed(join(world.folder.runs, `r${number}`), /\/process-[^/]+\/sent$/)) {
      sent.push(...(await readFile(file, 'utf8')).split('\n').flatMap((line) => / (prompt:.*)$/.exec(line)?.[1] ?? []))
    }
    broken.push(...sent.filter((id, index) => sent.indexOf(id) !== index))
  }
  return { name: 'prompts sent twice', broken }
}

/** A turn that the agent has finished in its own book was finished in ours, and no turn counts as finished that the agent never ended. */
async function turnsLost(world: World, events: readonly Event[], runs: readonly RunRow[]): Promise<Invariant> {
  const broken: string[] = []
  for (const { number } of runs) {
    const ended = events.filter((event) => event.run === number && event.name === 'turn-ended')
    const good = ended.filter(({ data }) => data['failure'] === null && data['interruptedBy'] === null).length
    let own = 0
    for (const file of await filesNamed(join(world.folder.runs, `r${number}`), /\/home\/\.scripted-agent\/[^/]+\.json$/)) {
      own += Book.parse(JSON.parse(await readFile(file, 'utf8'))).history.filter(({ role }) => role === 'user').length
    }
    if (own < good || own > ended.length)
      broken.push(`r${number}: the agent ended ${own} turns, we saw ${good} good ones of ${ended.length}`)
  }
  return { name: 'turns lost or invented', broken }
}

const Book = z.object({ history: z.array(z.object({ role: z.string() })) })

async function filesNamed(root: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => [])
  return names.map((name) => join(root, name)).filter((path) => pattern.test(path))
}
