import process from 'node:process'
import { isAtRest, type Run, type RunId, type StoredEvent } from '@coxswain/model'
import type { Client } from '@coxswain/sdk'
import { writeHarness, type Stage } from './stage.ts'

/** The budget that stops the run which would never end. */
const runawayBudget = '60000'

/** The story: a backlog is added, a daemon works on it, is killed in the middle, and goes on. */
export async function playBacklog(stage: Stage): Promise<void> {
  stage.say(await stage.cox('init'))
  await writeHarness(stage)
  const runs = await addBacklog(stage)
  const progress = showProgress(stage)
  try {
    const survivor = runs.get('8-survivor') as RunId
    await waitForEvent(await stage.client(), survivor, (event) => event.name === 'agent-message')
    await killDaemon(stage)
    const client = await stage.client()
    await stage.release((await client.getRun(survivor)).logs, 'daemon-restarted')
    await waitForRest(client, runs.get('4-discount') as RunId)
    await stage.release((await client.getRun(runs.get('5-shipping') as RunId)).logs, 'discount-landed')
    for (const run of runs.values()) await waitForRest(client, run)
    stage.say(await stage.cox('approve', runs.get('9-truncate') as RunId))
  } finally {
    progress.stop()
  }
}

async function addBacklog(stage: Stage): Promise<Map<string, RunId>> {
  const runs = new Map<string, RunId>()
  await stage.cox('up', '-d')
  for (const file of await stage.taskFiles()) {
    const name = file.slice(file.lastIndexOf('/') + 1, -'.md'.length)
    const agent = name === '1-date-now' ? 'rewriter' : stage.agent
    const budget = name === '6-runaway' ? ['--budget-tokens', runawayBudget] : []
    const landing = name === '9-truncate' ? [] : ['--land']
    const added = JSON.parse(
      await stage.cox('task', 'add', '--json', '--agent', agent, ...budget, ...landing, '--file', file),
    ) as { run: { id: RunId } }
    runs.set(name, added.run.id)
  }
  return runs
}

async function killDaemon(stage: Stage): Promise<void> {
  const pid = await stage.daemonPid()
  stage.say(`\n$ kill -9 ${pid}    # the daemon, in the middle of the work; its agents live on\n`)
  process.kill(pid, 'SIGKILL')
  await stage.cox('up', '-d')
}

async function waitForEvent(client: Client, run: RunId, isIt: (event: StoredEvent) => boolean): Promise<void> {
  for await (const event of client.followEvents({ after: 0, run, signal: AbortSignal.timeout(120_000) })) if (isIt(event)) return
  throw new Error(`run ${run} did not get there in two minutes`)
}

async function waitForRest(client: Client, run: RunId): Promise<Run> {
  const now = async (): Promise<Run> => (await client.getRun(run)).run
  if (isAtRest((await now()).state)) return now()
  await waitForEvent(client, run, (event) => typeof event.data['to'] === 'string' && isAtRest(event.data['to'] as Run['state']))
  return now()
}

/** Prints what happens, over the restart of the daemon. */
function showProgress(stage: Stage): { stop(): void } {
  const leave = new AbortController()
  let after = 0
  const follow = async (): Promise<void> => {
    while (!leave.signal.aborted) {
      try {
        for await (const event of (await stage.client()).followEvents({ after, signal: leave.signal })) {
          after = event.seq
          const line = describe(event)
          if (line !== null) stage.say(`  ${event.run ?? ''} ${line}`)
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100)) // the daemon is being replaced
      }
    }
  }
  void follow()
  return { stop: () => leave.abort() }
}

function describe({ name, data }: StoredEvent): string | null {
  switch (name) {
    case 'agent-message':
      return `agent: ${String(data['text'])}`
    case 'gates-ended':
      return `gates: ${(data['results'] as { gate: string; verdict: string }[]).map((result) => `${result.gate} ${result.verdict}`).join(', ')}`
    case 'landing-conflicted':
      return `conflict in ${(data['paths'] as string[]).join(', ')}: back to its author with both sides`
    case 'change-landed':
      return `landed as ${String(data['commit']).slice(0, 10)}`
    case 'run-claimed':
      return 'started'
    case 'turn-ended':
    case 'run-interrupted':
    case 'effect-failed':
      return typeof data['reason'] === 'string' ? `${String(data['outcome'])}: ${data['reason'].split('\n')[0]}` : null
    default:
      return null
  }
}
