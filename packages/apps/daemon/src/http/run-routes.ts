import { join } from 'node:path'
import { changedFiles, resolveCommit, unifiedDiff } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import {
  isAtRest,
  isEnded,
  knownEvent,
  RunId,
  type Actor,
  type EventName,
  type GateResult,
  type Run,
  type StoredEvent,
} from '@coxswain/model'
import {
  InterveneParams,
  type DiffResponse,
  type InterveneResponse,
  type RunListResponse,
  type RunResponse,
} from '@coxswain/protocol'
import { applyIntervention } from '@coxswain/runs'
import { z } from 'zod'
import { refusal } from '../run-controls.ts'
import { loadProgress, runNotFound } from '../run-journal.ts'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { parseBody } from './parse-body.ts'
import { shownRun, shownRuns } from './shown-run.ts'

export function runRoutes({ on }: Door, context: DaemonContext): void {
  on('GET /v1/runs', async (request) => request.json(await listRuns(context)))
  on('GET /v1/runs/:run', async (request) =>
    request.json(await describeRun(context, await findRun(context, request.req.param('run')))),
  )
  on('GET /v1/runs/:run/diff', async (request) =>
    request.json(await diffOf(context, await findRun(context, request.req.param('run')))),
  )
  on('POST /v1/runs/:run/interventions', async (request) => {
    const run = await findRun(context, request.req.param('run'))
    const params = await parseBody(request, InterveneParams)
    return request.json(await intervene(context, run, { ...params, actor: request.get('actor') }))
  })
}

async function listRuns(context: DaemonContext): Promise<RunListResponse> {
  const [runs, tasks] = await Promise.all([shownRuns(context), context.store.tasks.list()])
  return { runs, titles: Object.fromEntries(tasks.map(({ id, title }) => [id, title])) }
}

export async function findRun({ store }: Pick<DaemonContext, 'store'>, id: string): Promise<Run> {
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
  const judged = await store.events.list({ run: run.id, names: judgements, order: 'newest', limit: lastJudgements })
  return {
    run: shownRun(run, context),
    task,
    gates: judged.map(gatesOf).find((gates) => gates.length > 0) ?? [],
    logs: join(folder.runs, run.id),
  }
}

/** A landing judges the merged tree; one that a daemon found done tells no gates. */
const judgements = ['gates-ended', 'landing-rejected', 'change-landed'] satisfies EventName[]
const lastJudgements = 50

function gatesOf(event: StoredEvent): GateResult[] {
  const known = knownEvent(event)
  if (known?.name === 'landing-rejected') return [known.data.result]
  return known?.name === 'gates-ended' || known?.name === 'change-landed' ? [...known.data.results] : []
}

async function diffOf({ repository }: DaemonContext, run: Run): Promise<DiffResponse> {
  if (run.base === null || run.head === null) return { diff: '', files: [] }
  // The branch of a landed run goes, and what only it held goes with the next collection of git's.
  const { landed } = run
  const isGone = landed !== null && (await resolveCommit(repository.git, run.head)) === null
  const [from, to] = isGone ? [`${landed}^`, landed] : [run.base, run.head]
  return { diff: await unifiedDiff(repository.git, { from, to }), files: await changedFiles(repository.git, from, to) }
}

type Act = z.output<typeof InterveneParams> & { readonly actor: Actor }

async function intervene(context: DaemonContext, run: Run, params: Act): Promise<InterveneResponse> {
  const { store, controls, scheduler } = context
  const { kind, text, budget, actor } = params
  if (kind === 'say' && text.trim() === '')
    throw new CoxError('REQUEST_INVALID', 'There is nothing to say', { hint: 'Write the message: cox say <run> "…".' })
  const isUnderWay = scheduler.live.has(run.id)
  const result = applyIntervention(await loadProgress(store, run), params, { isUnderWay })
  if (result.kind === 'refused') throw refused(run, kind, result)
  scheduler.admit(run.id)
  const { id } = await store.interventions.add({
    run: run.id,
    kind,
    text,
    actor,
    ...(kind === 'resume' && { budget }),
  })
  await controls.deliver(run.id)
  const [fate, after] = [await store.interventions.fate(id), (await store.runs.get(run.id)) ?? run]
  if (fate.kind === 'pending') return { run: after, effect: isAtRest(after.state) ? 'kept' : 'delivered' }
  // Another one was faster: what was asked found the run in another state.
  if (fate.event?.name === refusal) throw refused(after, kind, Refusal.parse(fate.event.data))
  if (fate.event !== null) return { run: after, effect: 'delivered' }
  return { run: after, effect: isEnded(after.state) || isAtRest(after.state) ? 'ended' : 'queued' }
}

const Refusal = z.object({ why: z.string(), instead: z.string().default('Look at the run with `cox show`.') })

function refused(run: Run, kind: string, { why, instead }: z.output<typeof Refusal>): CoxError {
  return new CoxError('INTERVENTION_REFUSED', `Cannot ${kind} ${run.id}: ${why}`, { hint: instead, data: { state: run.state } })
}
