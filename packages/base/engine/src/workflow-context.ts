import { DBOS, Error as DbosErrors } from '@dbos-inc/dbos-sdk'
import { isCoxError, milliseconds, type Clock, type Duration } from '@coxswain/kernel'
import { z } from 'zod'
import { isConnectionLoss } from './connection-loss.ts'
import type { WorkflowContext } from './engine.ts'
import { cancelled, isCancelled, standStill, taken, type Execution, type Executions } from './executions.ts'
import { failureOf, parseOutcome, valueOf, type Outcome } from './outcome.ts'

export interface ContextOptions {
  readonly execution: Execution
  readonly executions: Executions
  readonly clock: Clock
  /** Asks the database whether the workflow was cancelled. */
  readonly wasCancelled: (id: string) => Promise<boolean>
  /** Lets another execution go on from what is recorded, when this one lost a step's record to an outage. */
  readonly restart: (id: string) => void
}

export function createContext(options: ContextOptions): WorkflowContext {
  const step = async <T>(name: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    z.custom<T>().parse(await recordedStep(options, name, run))
  return {
    id: options.execution.id,
    step,
    repeat: async (run) => void valueOf(await guarded(options, (giveUp) => attempt(options, run, giveUp))),
    sleep: (duration) => sleepOnce(step, options.clock, duration),
    patched: (name) => guarded(options, () => DBOS.patch(name)),
  }
}

async function recordedStep(
  options: ContextOptions,
  name: string,
  run: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const recorded = await guarded(options, (giveUp) => DBOS.runStep(() => attempt(options, run, giveUp), { name }))
  return valueOf(parseOutcome(recorded))
}

/** Keeps a body from going on after its engine stopped, its workflow was cancelled, or another worker took it. */
async function guarded<T>(options: ContextOptions, operation: (giveUp: () => void) => Promise<T>): Promise<T> {
  const { execution, executions } = options
  if (executions.isStopping()) return standStill()
  if (isCancelled(execution)) throw cancelled(execution.id)
  const endStep = executions.beginStep()
  try {
    return await operation(endStep)
  } catch (error) {
    endStep() // before it may stand still
    return await explain(options, error)
  } finally {
    endStep()
  }
}

/** What a step throws is part of its result: what arrives here was thrown by DBOS. */
async function explain({ execution, executions, wasCancelled, restart }: ContextOptions, error: unknown): Promise<never> {
  if (executions.isStopping()) return standStill()
  const isGone = error instanceof DbosErrors.DBOSWorkflowConflictError || error instanceof DbosErrors.DBOSWorkflowCancelledError
  if (!isGone && isConnectionLoss(error)) {
    restart(execution.id)
    return standStill()
  }
  if (!isGone) throw error
  if (isCancelled(execution) || (await wasCancelled(execution.id))) {
    execution.stop.abort(cancelled(execution.id))
    throw cancelled(execution.id)
  }
  execution.stop.abort(taken(execution.id))
  return standStill()
}

async function attempt(
  { execution, executions }: ContextOptions,
  run: (signal: AbortSignal) => Promise<unknown>,
  giveUp: () => void,
): Promise<Outcome> {
  const remote = DBOS.stepStatus?.cancelSignal
  const onRemoteCancel = (): void => execution.stop.abort(cancelled(execution.id))
  remote?.addEventListener('abort', onRemoteCancel, { once: true })
  try {
    return { ok: true, value: await run(execution.stop.signal) }
  } catch (error) {
    if (!executions.isStopping() && !isCoxError(error, 'WORKFLOW_TAKEN')) return failureOf(error)
    giveUp()
    if (!executions.isStopping()) executions.abandon(execution)
    return standStill()
  } finally {
    remote?.removeEventListener('abort', onRemoteCancel)
  }
}

const longestTimerMs = 24 * 3_600_000

async function sleepOnce(step: WorkflowContext['step'], clock: Clock, duration: Duration): Promise<void> {
  const deadline = await step('sleep-deadline', async () => clock.now() + duration)
  await step('sleep', async (signal) => {
    for (let left = deadline - clock.now(); left > 0; left = deadline - clock.now()) {
      await clock.sleep(milliseconds(Math.min(left, longestTimerMs)), signal)
    }
  })
}
