import { hostname } from 'node:os'
import { identify } from '@coxswain/host'
import { isAtRest, type RunId } from '@coxswain/model'
import { noGatesWarning, protocolVersion, type ShutdownResponse, type StatusResponse } from '@coxswain/protocol'
import { counted } from '@coxswain/kernel'
import { spentToday } from '../run-journal.ts'
import { landingBranch } from '../landing-branch.ts'
import { findDayBreach } from '../scheduler.ts'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { shownRuns } from './shown-run.ts'
import { waitingRuns } from './waiting-runs.ts'

export function statusRoutes({ on }: Door, context: DaemonContext): void {
  on('GET /v1/status', async (request) => request.json(await status(context)))
  on('POST /v1/shutdown', (request) => {
    if (context.isEphemeral) context.connections.leave()
    else context.requestStop()
    const others = context.isEphemeral ? Math.max(0, context.connections.present - 1) : 0
    return request.json({ live: context.scheduler.live.size, others } satisfies ShutdownResponse)
  })
}

async function status(context: DaemonContext): Promise<StatusResponse> {
  const { store, config } = context
  const runs = await shownRuns(context)
  const workers = (await store.workers.list()).map(({ id, host, pid }) => ({
    id,
    host,
    pid,
    isAlive: host !== hostname() || identify(pid) !== null,
  }))
  const left = await leftBehind(context, workers)
  const active = runs.filter((run) => !isAtRest(run.state))
  const going = active.filter((run) => run.state !== 'queued').slice(0, mostActive)
  const dayWarning = await findDayBreach({ store, config, now: context.now })
  return {
    protocol: protocolVersion,
    version: context.version,
    pid: process.pid,
    worker: store.workerId,
    repository: context.repository.root,
    branch: await landingBranch(context.repository, config.current).catch(() => context.branch),
    isEphemeral: context.isEphemeral,
    startedAt: context.startedAt,
    counts: Object.fromEntries(
      Object.entries(Object.groupBy(runs, (run) => run.state)).map(([state, group]) => [state, group.length]),
    ),
    active,
    activity: [...(await store.events.recent({ runs: going.map(({ id }) => id), each: lastEvents }))],
    waits: await waitingRuns(context, { active, suspended: left.suspended, dayWarning }),
    suspended: left.suspended,
    workers,
    today: await spentToday(store, context.now()),
    lastEvent: await store.events.last(),
    warnings: [
      ...context.warnings,
      ...orphanWarning(left.orphaned.length),
      ...(runs.length === 0 ? beginningWarning(context) : []),
      ...(config.current.gates.length === 0 && context.problem === null ? [noGatesWarning] : []),
      ...(dayWarning === null ? [] : [dayWarning]),
      ...(config.problem === null ? [] : [config.problem]),
      ...[context.problem ?? context.branchProblem]
        .filter((problem) => problem !== null)
        .map(({ message, hint }) => `no work can be done here: ${message}. ${hint}`),
    ],
  }
}

/** The last of these that says something to a person is shown; some say nothing. */
const lastEvents = 20
const mostActive = 100

interface LeftBehind {
  /** Their worker was stopped in an orderly way, and wrote that down as its last act. */
  readonly suspended: RunId[]
  /** Their worker was killed. */
  readonly orphaned: RunId[]
}

/** What dead workers held, where nobody takes it over by himself. */
async function leftBehind({ store, scheduler }: DaemonContext, workers: StatusResponse['workers']): Promise<LeftBehind> {
  const suspended: RunId[] = []
  const orphaned: RunId[] = []
  if (scheduler.isWanted()) return { suspended, orphaned }
  for (const { id, pid } of workers.filter(({ isAlive }) => !isAlive))
    for (const run of await store.claims.list(id)) {
      const told = await store.events.newest({ run, names: ['run-suspended'] })
      // An earlier life of the worker may have been stopped too.
      if (told?.data['pid'] === pid) suspended.push(run)
      else orphaned.push(run)
    }
  return { suspended, orphaned }
}

function beginningWarning({ former, folder: { copyOf } }: DaemonContext): readonly string[] {
  if (former !== null) return [former]
  return copyOf === null
    ? []
    : [
        `This repository is a copy of one that Coxswain knows as ${copyOf}: it begins with no runs, and those of that one stay there.`,
      ]
}

function orphanWarning(count: number): readonly string[] {
  return count === 0
    ? []
    : [`The daemon that worked on ${counted(count, 'run')} is gone; \`cox up\` goes on with ${count === 1 ? 'it' : 'them'}.`]
}
