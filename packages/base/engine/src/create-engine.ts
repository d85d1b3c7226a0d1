import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { DBOS, Error as DbosErrors, type WorkflowStatus as DbosStatus } from '@dbos-inc/dbos-sdk'
import { CoxError, errorMessage, isCoxError, milliseconds, seconds } from '@coxswain/kernel'
import { z } from 'zod'
import { askQueue, listenToOneQueue, rarelyMs } from './dbos-polling.ts'
import { createDbosLogger } from './dbos-logger.ts'
import type { Engine, EngineOptions, WorkflowBody, WorkflowStatus } from './engine.ts'
import { cancelled, createExecutions, isCancelled, standStill, type Executions } from './executions.ts'
import { failureOf, parseOutcome, valueOf, type Outcome } from './outcome.ts'
import { PatientPool } from './patient-pool.ts'
import { createContext } from './workflow-context.ts'

type Registered = (input: unknown) => Promise<Outcome>

interface State {
  readonly options: EngineOptions
  readonly connections: PatientPool
  readonly executions: Executions
  readonly workflows: Map<string, Registered>
  /** Names this life of the worker. */
  readonly executor: string
  /** Leaves the context of a workflow, in which DBOS would record what is asked of it. */
  readonly outside: <T>(operation: () => Promise<T>) => Promise<T>
}

/** DBOS is one per process. */
let isTaken = false

/** @throws CoxError ENGINE_TAKEN when this process has an engine already */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  if (isTaken) {
    throw new CoxError('ENGINE_TAKEN', 'This process runs an engine already', {
      hint: 'Shut that one down first, or use another process.',
    })
  }
  isTaken = true
  const state: State = {
    options,
    connections: new PatientPool(options),
    executions: createExecutions(),
    workflows: new Map(),
    // Another one in each life, so that DBOS recovers nothing by itself: it would hand the work to any worker, and the files are here.
    executor: `${options.worker}~${randomUUID()}`,
    outside: AsyncLocalStorage.snapshot(),
  }
  return {
    register: <I, O>(name: string, body: WorkflowBody<I, O>) =>
      // The input is what `start` was given for this workflow: its body says what that is.
      register(state, name, (context, input) => body(context, z.custom<I>().parse(input))),
    launch: () => launch(state),
    start: (workflow, id, input) => start(state, { workflow, id, input }),
    status: async (id) => statusOf(await find(state, id)),
    result: (id, signal) => waitForResult(state, id, signal),
    unfinished: async () =>
      (await listUnfinished(state)).map((each) => ({ id: shortId(state, each.workflowID), worker: workerOf(state, each) })),
    cancel: async (id) => {
      await state.outside(() => DBOS.cancelWorkflow(fullId(state, id)))
      state.executions.cancel(id)
    },
    takeOver: (workers) => goOnHere(state, (workflow) => workers.includes(workerOf(state, workflow))),
    shutdown: () => shutdown(state),
  }
}

function register(state: State, name: string, body: WorkflowBody<unknown, unknown>): void {
  const { executions, options } = state
  const run = async (input: unknown): Promise<Outcome> => {
    const id = shortId(state, DBOS.workflowID ?? '')
    const execution = executions.begin(id)
    const wasCancelled = async (): Promise<boolean> => (await find(state, id))?.status === 'CANCELLED'
    const context = createContext({
      execution,
      executions,
      clock: options.clock,
      wasCancelled,
      restart: () => void restart(state, id),
    })
    try {
      return { ok: true, value: await body(context, input) }
    } catch (error) {
      if (isCoxError(error, 'WORKFLOW_TAKEN')) {
        executions.abandon(execution)
        return await standStill()
      }
      if (isCancelled(execution)) throw new DbosErrors.DBOSWorkflowCancelledError(fullId(state, id))
      return failureOf(error)
    } finally {
      executions.end(execution)
    }
  }
  // A crash loop must not end a workflow: how often it may fail is decided by its body.
  state.workflows.set(name, DBOS.registerWorkflow(run, { name, maxRecoveryAttempts: 1_000_000 }))
}

async function restart(state: State, id: string): Promise<void> {
  try {
    await resume(state, [fullId(state, id)])
    state.options.logger.warn('a workflow goes on from its last record after an outage of the database', { id })
  } catch (error) {
    state.options.logger.error('a workflow waits for the next launch', { id, error: errorMessage(error) })
  }
}

async function launch(state: State): Promise<void> {
  const { url, worker, version, logger } = state.options
  DBOS.setConfig({
    name: 'coxswain',
    // It connects by our pool alone, and tells this url to its log.
    systemDatabaseUrl: withoutPassword(url),
    systemDatabasePool: state.connections,
    systemDatabaseSchemaName: 'coxswain_engine',
    useListenNotify: false,
    applicationVersion: version,
    enablePatching: true,
    executorID: state.executor,
    listenQueues: [],
    schedulerPollingIntervalMs: rarelyMs,
    logger: createDbosLogger(logger),
  })
  listenToOneQueue(queueOf(state))
  await launchPatiently(state)
  // What waits in the queue, or came from it since, is under way already.
  const isLeftOver = ({ status, executorId }: DbosStatus): boolean => status === 'PENDING' && executorId !== state.executor
  await goOnHere(state, (workflow) => isLeftOver(workflow) && workerOf(state, workflow) === worker)
  await takeFromQueue(state)
}

function withoutPassword(url: string): string {
  const bare = new URL(url)
  bare.password = ''
  return bare.href
}

/** A server that is down when everything starts is an error; later it is something to wait for. */
async function launchPatiently({ connections, options }: State): Promise<void> {
  const launched = new AbortController()
  const patience = options.patience ?? seconds(60)
  const limit = options.clock.sleep(patience, launched.signal).then(
    () => connections.giveUp(),
    () => {}, // launched in time
  )
  try {
    await DBOS.launch()
  } catch (error) {
    if (!connections.hasGivenUp()) throw error
    throw new CoxError('DATABASE_UNREACHABLE', `The database does not answer: ${errorMessage(error)}`, {
      hint: 'Check that Postgres runs and that the database url is right; unfinished workflows go on at the next launch.',
      cause: error,
    })
  } finally {
    launched.abort()
    await limit
  }
}

async function start(state: State, { workflow, id, input }: { workflow: string; id: string; input: unknown }): Promise<void> {
  const registered = state.workflows.get(workflow)
  if (registered === undefined) throw new Error(`workflow "${workflow}" is not registered`)
  const found = await find(state, id)
  if (found !== null) return comeHere(state, id, found)
  await state.outside(() => DBOS.startWorkflow(registered, { workflowID: fullId(state, id) })(input))
}

/** Who starts it has the right to it: one that stands still here, or is another worker's still, goes on here. */
async function comeHere(state: State, id: string, found: DbosStatus): Promise<void> {
  const isElsewhere = workerOf(state, found) !== state.options.worker
  const isLeft = state.executions.wasAbandoned(id)
  if (statusOf(found) === 'running' && (isElsewhere || isLeft)) await resume(state, [fullId(state, id)])
}

function find(state: State, id: string): Promise<DbosStatus | null> {
  return state.outside(() => DBOS.getWorkflowStatus(fullId(state, id)))
}

function statusOf(found: DbosStatus | null): WorkflowStatus {
  switch (found?.status) {
    case undefined:
      return 'unknown'
    case 'SUCCESS':
      return parseOutcome(found?.output).ok ? 'done' : 'failed'
    case 'ERROR':
    case 'MAX_RECOVERY_ATTEMPTS_EXCEEDED':
      return 'failed'
    case 'CANCELLED':
      return 'cancelled'
    default:
      return 'running'
  }
}

const shortestPauseMs = 10
const longestPauseMs = 1_000
/** While the body runs here its end wakes us, unless another worker takes it. */
const longestPauseHereMs = 30_000

async function waitForResult(state: State, id: string, signal: AbortSignal): Promise<unknown> {
  let pause = longestPauseMs
  // What runs here has not ended: its end wakes us.
  if (state.executions.isHere(id))
    pause = (await endsWithin(state, { id, pause: longestPauseHereMs, signal })) ? shortestPauseMs : longestPauseHereMs
  for (; ; pause *= 2) {
    const found = await find(state, id)
    const status = statusOf(found)
    if (status === 'unknown')
      throw new CoxError('WORKFLOW_UNKNOWN', `There is no workflow ${id}`, { hint: 'Start it first.', data: { id } })
    if (status === 'cancelled') throw cancelled(id)
    if (status !== 'running') {
      if (found?.status === 'SUCCESS') return valueOf(parseOutcome(found.output))
      throw found?.error
    }
    // A body that ended here is recorded in moments; one that ends in another worker is asked for now and then.
    pause = Math.min(pause, state.executions.isHere(id) ? longestPauseHereMs : longestPauseMs)
    if (await endsWithin(state, { id, pause, signal })) pause = shortestPauseMs
  }
}

interface Waiting {
  readonly id: string
  readonly pause: number
  readonly signal: AbortSignal
}

/** True when the body ended in this process meanwhile. */
async function endsWithin({ executions, options }: State, { id, pause, signal }: Waiting): Promise<boolean> {
  const ended = new AbortController()
  const stop = executions.onEnd(id, () => ended.abort())
  try {
    await options.clock.sleep(milliseconds(pause), AbortSignal.any([ended.signal, signal]))
  } catch {
    signal.throwIfAborted()
  } finally {
    stop()
  }
  return ended.signal.aborted
}

function listUnfinished(state: State): Promise<readonly DbosStatus[]> {
  return state.outside(() =>
    DBOS.listWorkflows({
      status: ['PENDING', 'ENQUEUED'],
      workflow_id_prefix: fullId(state, ''),
      loadInput: false,
      loadOutput: false,
    }),
  )
}

/** One that waits in a worker's queue belongs to that worker, whoever ran it before. */
function workerOf(state: State, { status, queueName, executorId }: DbosStatus): string {
  const queuePrefix = fullId(state, '')
  if (status === 'ENQUEUED' && queueName?.startsWith(queuePrefix)) return queueName.slice(queuePrefix.length)
  return executorId?.slice(0, executorId.lastIndexOf('~')) ?? ''
}

/** Through the queue that only this worker reads: DBOS then starts them here. */
async function goOnHere(state: State, isWanted: (workflow: DbosStatus) => boolean): Promise<readonly string[]> {
  const ids = (await listUnfinished(state)).filter(isWanted).map(({ workflowID }) => workflowID)
  if (ids.length > 0) await resume(state, ids)
  return ids.map((id) => shortId(state, id))
}

async function resume(state: State, fullIds: string[]): Promise<void> {
  await state.outside(() => DBOS.resumeWorkflows(fullIds, { queueName: queueOf(state) }))
  await takeFromQueue(state)
}

/** At once; where that fails, the queue is asked again within seconds. */
async function takeFromQueue(state: State): Promise<void> {
  if (state.executions.isStopping()) return
  await state
    .outside(() => askQueue(queueOf(state)))
    .catch((error: unknown) => state.options.logger.debug('the queue will be asked again', { error: errorMessage(error) }))
}

/** For steps to heed their signal, and for their results to be recorded. */
const grace = seconds(10)

async function shutdown({ connections, executions, options }: State): Promise<void> {
  const ended = new AbortController()
  await executions.stopAll(options.clock.sleep(grace, ended.signal).catch(() => {})) // ended: nothing is left to wait for
  ended.abort()
  connections.giveUp()
  await DBOS.shutdown({ deregister: true })
  await connections.end()
  isTaken = false
}

function queueOf({ options }: State): string {
  return `${options.repository}/${options.worker}`
}

function fullId({ options }: State, id: string): string {
  return `${options.repository}/${id}`
}

function shortId({ options }: State, id: string): string {
  return id.slice(options.repository.length + 1)
}
