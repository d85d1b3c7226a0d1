import { sleep, type Duration } from '@coxswain/kernel'
import { isAtRest, isEnded, type Run } from '@coxswain/model'
import { join } from 'node:path'
import { planBacklog, type Backlog } from './backlog.ts'
import { keepDaemon, startDaemon, stopDaemon, type DaemonKeeper } from './daemon-keeper.ts'
import { explainFailure, type FailureCause, type StartFailure } from './explain-failure.ts'
import { startKiller, type Killer } from './killer.ts'
import { endAll, openWorld, type World } from './open-world.ts'
import { createRandom } from './random.ts'
import { checkMachine, checkRest, type Invariant } from './check-machine.ts'
import { checkRecords } from './check-records.ts'
import { checkRepository } from './check-repository.ts'
import type { VictimKind } from './victims.ts'

export interface ChaosOptions {
  readonly runs: number
  readonly kills: number
  readonly seed: number
  readonly limit: Duration
  /** Leaves the world on disk for a post-mortem. */
  readonly isKept: boolean
  readonly tell: (line: string) => void
}

export interface ChaosReport {
  readonly seed: number
  readonly wallMs: number
  readonly kills: Readonly<Record<VictimKind, number>>
  readonly daemonStarts: number
  readonly startMs: readonly number[]
  readonly startFailures: readonly (StartFailure & { readonly cause: FailureCause })[]
  /** How often a run was blocked because its agent had been killed too often, and was resumed. */
  readonly resumed: number
  readonly turns: number
  readonly invariants: readonly Invariant[]
}

/** Works a backlog off while our own processes are killed at random, then looks whether anything was lost, doubled or left. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = createRandom(options.seed)
  const backlog = planBacklog(options.runs, random)
  const template = join(import.meta.dirname, '../fixtures/repository')
  await using world = await openWorld({ template, script: backlog.script, isKept: options.isKept })
  if (options.isKept) options.tell(`world: ${world.dir}`)
  const startedAt = performance.now()
  const failure = await startDaemon(world)
  if (failure !== null) throw new Error(`the first daemon did not start: ${failure.code} ${failure.message}`)
  const keeper = keepDaemon(world)
  const killer = startKiller({ world, random, total: options.kills })
  try {
    await addAll(backlog, world, keeper)
    const course = await watchUntilDone({ options, keeper, killer })
    await killer.stop()
    const rest = await checkRest(world, keeper)
    await keeper.stop()
    await stopDaemon(world)
    const startFailures = keeper.failures.map((each) => ({ ...each, cause: explainFailure(each, killer.kills) }))
    const invariants = [
      failedByThemselves(startFailures),
      ...course.invariants,
      ...rest,
      ...(await checkMachine(world)),
      ...(await checkRepository(world, backlog)),
      ...(await checkRecords(world, backlog)),
    ]
    return {
      seed: options.seed,
      wallMs: performance.now() - startedAt,
      kills: killer.counts,
      daemonStarts: keeper.starts(),
      startMs: keeper.startTimes,
      startFailures,
      resumed: course.resumed,
      turns: course.turns,
      invariants,
    }
  } finally {
    await killer.stop()
    await keeper.stop()
    await endAll(world.processes)
  }
}

function failedByThemselves(failures: ChaosReport['startFailures']): Invariant {
  return {
    name: 'daemon starts that failed by themselves',
    broken: failures.filter(({ cause }) => cause === 'itself').map(({ code, message }) => `${code}: ${message}`),
  }
}

/** Again until it is answered: a task's key keeps it from being added twice. */
async function addAll({ items }: Backlog, world: World, keeper: DaemonKeeper): Promise<void> {
  for (const { key, text } of items) {
    for (;;) {
      try {
        await (await keeper.client()).addTask({ key, text, agent: world.agent, mayLand: true })
        break
      } catch {
        await sleep(50) // the daemon has just been killed
      }
    }
  }
}

interface Course {
  readonly resumed: number
  readonly turns: number
  readonly invariants: readonly Invariant[]
}

const stuckAfterMs = 120_000

async function watchUntilDone({
  options,
  keeper,
  killer,
}: {
  readonly options: ChaosOptions
  readonly keeper: DaemonKeeper
  readonly killer: Killer
}): Promise<Course> {
  const startedAt = performance.now()
  let resumed = 0
  let seen = -1
  let seenAt = performance.now()
  for (;;) {
    await sleep(200)
    const now = await look(keeper)
    if (now === null) continue
    if (now.lastEvent !== seen) [seen, seenAt] = [now.lastEvent, performance.now()]
    const crashed = now.runs.filter((run) => run.outcome === 'crashed')
    // A run that crashes without being killed is not helped along for ever.
    const isHopeless = resumed > options.kills / 2 + options.runs
    for (const run of crashed) if (!isHopeless && (await resume(keeper, run))) resumed += 1
    const landed = now.runs.filter((run) => run.state === 'landed').length
    killer.setProgress(landed, options.runs)
    const isStuck = performance.now() - seenAt > stuckAfterMs
    const isLate = performance.now() - startedAt > options.limit
    const isDone =
      now.runs.length === options.runs && now.runs.every((run) => isAtRest(run.state)) && (crashed.length === 0 || isHopeless)
    if (!isDone && !isStuck && !isLate) continue
    const turns = now.runs.reduce((sum, run) => sum + run.turns, 0)
    return { resumed, turns, invariants: finalStates(now.runs, options, performance.now() - seenAt) }
  }
}

async function look(keeper: DaemonKeeper): Promise<{ readonly runs: readonly Run[]; readonly lastEvent: number } | null> {
  try {
    const client = await keeper.client()
    const [{ runs }, { lastEvent }] = await Promise.all([client.listRuns(), client.status()])
    return { runs, lastEvent }
  } catch {
    return null
  }
}

async function resume(keeper: DaemonKeeper, run: Run): Promise<boolean> {
  try {
    await (await keeper.client()).intervene(run.id, { kind: 'resume', text: '' })
    return true
  } catch {
    return false
  }
}

function describe(run: Run): string {
  const end = run.outcome === null ? '' : ` (${run.outcome}: ${run.reason?.slice(0, 300) ?? ''})`
  return `${run.id} is ${run.state}${end}`
}

function finalStates(runs: readonly Run[], options: ChaosOptions, quietMs: number): Invariant[] {
  return [
    { name: 'tasks lost', broken: runs.length === options.runs ? [] : [`${options.runs - runs.length} of ${options.runs}`] },
    {
      name: `runs stuck (silent for ${Math.round(quietMs / 1000)} s)`,
      broken: runs.filter((run) => !isAtRest(run.state)).map(describe),
    },
    {
      name: 'runs at rest without landing',
      broken: runs.filter((run) => isAtRest(run.state) && !(isEnded(run.state) && run.outcome === 'landed')).map(describe),
    },
  ]
}
