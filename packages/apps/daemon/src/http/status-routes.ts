import { hostname } from 'node:os'
import { identify } from '@coxswain/host'
import { isAtRest } from '@coxswain/model'
import { protocolVersion, type ShutdownResponse, type StatusResponse } from '@coxswain/protocol'
import { counted } from '@coxswain/kernel'
import { Hono } from 'hono'
import { spentToday } from '../run-journal.ts'
import { findDayBreach } from '../scheduler.ts'
import type { DaemonContext } from './daemon-context.ts'
import { shownRuns } from './shown-run.ts'

export function statusRoutes(context: DaemonContext): Hono {
  const app = new Hono()
  app.get('/status', async (request) => request.json(await status(context)))
  app.post('/shutdown', (request) => {
    if (context.isEphemeral) context.connections.leave()
    else context.requestStop()
    return request.json({ live: context.scheduler.live.size } satisfies ShutdownResponse)
  })
  return app
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
  const dayWarning = await findDayBreach({ store, config, now: context.now })
  return {
    protocol: protocolVersion,
    version: context.version,
    pid: process.pid,
    worker: store.workerId,
    repository: context.repository.root,
    branch: context.branch,
    isEphemeral: context.isEphemeral,
    startedAt: context.startedAt,
    counts: Object.fromEntries(
      Object.entries(Object.groupBy(runs, (run) => run.state)).map(([state, group]) => [state, group.length]),
    ),
    active: runs.filter((run) => !isAtRest(run.state)),
    workers,
    today: await spentToday(store, context.now()),
    lastEvent: await store.events.last(),
    warnings: [
      ...context.warnings,
      ...(await orphanWarning(context, workers)),
      ...(config.current.gates.length === 0 && context.problem === null
        ? ['No gates are configured: nothing proves a change. Set `gates` in harness/harness.yaml.']
        : []),
      ...(dayWarning === null ? [] : [dayWarning]),
      ...(config.problem === null ? [] : [config.problem]),
      ...(context.problem === null ? [] : [`no work can be done here: ${context.problem.message}. ${context.problem.hint}`]),
    ],
  }
}

/** What dead workers held, where nobody takes it over by himself. */
async function orphanWarning(
  { store, scheduler }: DaemonContext,
  workers: StatusResponse['workers'],
): Promise<readonly string[]> {
  if (scheduler.isWanted()) return []
  const held = await Promise.all(workers.filter(({ isAlive }) => !isAlive).map(({ id }) => store.claims.list(id)))
  const count = held.flat().length
  return count === 0
    ? []
    : [`The daemon that worked on ${counted(count, 'run')} is gone; \`cox up\` goes on with ${count === 1 ? 'it' : 'them'}.`]
}
