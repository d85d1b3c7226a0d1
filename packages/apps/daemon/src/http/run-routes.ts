import { join } from 'node:path'
import { changedFiles, unifiedDiff } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import { GateResult, isAtRest, isEnded, RunId, type Budget, type Run } from '@coxswain/model'
import {
  InterveneParams,
  type DiffResponse,
  type InterveneResponse,
  type RunListResponse,
  type RunResponse,
} from '@coxswain/protocol'
import { applyIntervention } from '@coxswain/runs'
import { Hono } from 'hono'
import { z } from 'zod'
import { loadProgress, runNotFound } from '../run-journal.ts'
import type { DaemonContext } from './daemon-context.ts'
import { parseBody } from './parse-body.ts'
import { shownRun, shownRuns } from './shown-run.ts'

export function runRoutes(context: DaemonContext): Hono {
  const app = new Hono()
  app.get('/runs', async (request) => request.json(await listRuns(context)))
  app.get('/runs/:run', async (request) =>
    request.json(await describeRun(context, await findRun(context, request.req.param('run')))),
  )
  app.get('/runs/:run/diff', async (request) =>
    request.json(await diffOf(context, await findRun(context, request.req.param('run')))),
  )
  app.post('/runs/:run/interventions', async (request) => {
    const run = await findRun(context, request.req.param('run'))
    return request.json(await intervene(context, run, await parseBody(request, InterveneParams)))
  })
  return app
}

async function listRuns(context: DaemonContext): Promise<RunListResponse> {
  const [runs, tasks] = await Promise.all([shownRuns(context), context.store.tasks.list()])
  return { runs, titles: Object.fromEntries(tasks.map(({ id, title }) => [id, title])) }
}

async function findRun({ store }: DaemonContext, id: string): Promise<Run> {
  const parsed = RunId.safeParse(id)
  const run = parsed.success ? await store.runs.get(parsed.data) : null
  if (run === null) throw runNotFound(id.slice(0, 50))
  return run
}

async function describeRun(context: DaemonContext, run: Run): Promise<RunResponse> {
  const { store, folder } = context
  const task = await store.tasks.get(run.task)
  if (task === null)
    throw new CoxError('TASK_NOT_FOUND', `The task ${run.task} of run ${run.id} is gone`, {
      hint: 'Restore the database from a backup.',
    })
  const events = await store.events.list({ run: run.id, limit: 10_000 })
  const judged = events.filter(({ name }) => judgements.includes(name)).map(({ data }) => gatesOf(data))
  return {
    run: shownRun(run, context),
    task,
    gates: judged.findLast((gates) => gates.length > 0) ?? [],
    logs: join(folder.runs, run.id),
  }
}

/** A landing judges the merged tree; one that a daemon found done tells no gates. */
const judgements = ['gates-ended', 'landing-rejected', 'change-landed']

const Judged = z.object({ results: z.array(GateResult).optional(), result: GateResult.optional() })

function gatesOf(data: Readonly<Record<string, unknown>>): GateResult[] {
  const parsed = Judged.safeParse(data)
  if (!parsed.success) return []
  return parsed.data.results ?? (parsed.data.result === undefined ? [] : [parsed.data.result])
}

async function diffOf({ repository }: DaemonContext, run: Run): Promise<DiffResponse> {
  if (run.base === null || run.head === null) return { diff: '', files: [] }
  const range = { from: run.base, to: run.head }
  return { diff: await unifiedDiff(repository.git, range), files: await changedFiles(repository.git, run.base, run.head) }
}

function withLimits(budget: Budget, { tokens, usd, timeMs }: z.output<typeof InterveneParams>['budget']): Budget {
  return { tokens: tokens ?? budget.tokens, usd: usd ?? budget.usd, timeMs: timeMs ?? budget.timeMs }
}

async function intervene(context: DaemonContext, run: Run, params: z.output<typeof InterveneParams>): Promise<InterveneResponse> {
  const { store, controls, scheduler } = context
  if (params.kind === 'say' && params.text.trim() === '')
    throw new CoxError('REQUEST_INVALID', 'There is nothing to say', { hint: 'Write the message: cox say <run> "…".' })
  const result = applyIntervention(await loadProgress(store, run), params)
  if (result.kind === 'refused')
    throw new CoxError('INTERVENTION_REFUSED', `Cannot ${params.kind} ${run.id}: ${result.why}`, {
      hint: 'Look at the run with `cox show`.',
      data: { state: run.state },
    })
  if (params.kind === 'resume') await store.runs.update(run.id, { budget: withLimits(run.budget, params.budget) })
  scheduler.admit(run.id)
  await store.interventions.add({ run: run.id, kind: params.kind, text: params.text })
  await controls.deliver(run.id)
  const after = (await store.runs.get(run.id)) ?? run
  return {
    run: after,
    effect:
      isEnded(after.state) || (isAtRest(after.state) && isAtRest(run.state))
        ? 'ended'
        : isAtRest(run.state)
          ? 'queued'
          : 'delivered',
  }
}
