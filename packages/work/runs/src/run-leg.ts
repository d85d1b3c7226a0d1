import type { WorkflowContext } from '@coxswain/engine'
import { CoxError, errorMessage, isCoxError, redact } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { watchBudget } from './budget-watch.ts'
import { interruptionOf, requestOf, type EffectContext } from './effect-context.ts'
import { eventOf } from './event-of-outcome.ts'
import { holdPlace } from './hold-place.ts'
import { performCheck } from './perform-check.ts'
import { performLanding } from './perform-landing.ts'
import { performPrepare } from './perform-prepare.ts'
import { performTurn } from './perform-turn.ts'
import { performWait } from './perform-wait.ts'
import { restWith } from './rest-with.ts'
import { removeLanded } from './run-branch.ts'
import { lackingCommit } from './lacking-commit.ts'
import { judgedByOwn } from './run-harness.ts'
import { advance } from './run-machine.ts'
import type { Effect, EffectOutcome, RunProgress, Said } from './run-progress.ts'
import type { RunControl, RunServices, UntimedOutcome } from './services.ts'
import { endWork, letGo } from './sessions.ts'
import { turnSpending } from './turn-spending.ts'
import { roomOf, waitForRoom } from './wait-for-room.ts'

export interface LegInput {
  readonly run: RunId
  readonly leg: number
  /** Where the leg begins. Legs that an older version started have none. */
  readonly progress?: RunProgress
}

/** The workflow of one leg: performs effects until the run is at rest. Everything it decides comes from recorded steps. */
export async function runLeg(context: WorkflowContext, input: LegInput, services: RunServices): Promise<void> {
  let progress = input.progress ?? (await context.step('load', async () => (await services.journal.load(input.run)).progress))
  for (let number = 1; progress.next.kind !== 'rest'; number += 1) {
    const current = progress
    progress = await context.step(`${number}-${current.next.kind}`, (shutdown) =>
      heldStep({ ...input, number, progress: current, shutdown }, services),
    )
  }
  const { state, head } = progress
  await context.repeat(() =>
    underHold(input.run, services, async () => {
      services.hold.check()
      await services.pool.release(input.run)
      if (state === 'landed' && head !== null) await removeLanded(input.run, head, services)
    }),
  )
}

interface Step extends LegInput {
  readonly number: number
  readonly progress: RunProgress
  readonly shutdown: AbortSignal
}

function heldStep(step: Step, services: RunServices): Promise<RunProgress> {
  return underHold(step.run, services, () => performStep(step, services))
}

/** Of a run that this worker lost nothing is recorded: who has it goes on from what was. */
async function underHold<T>(run: RunId, services: RunServices, deed: () => Promise<T>): Promise<T> {
  const { hold } = services
  try {
    return await hold.during(async () => {
      try {
        return await deed()
      } finally {
        if (hold.lost.aborted) await letGo(run, services)
      }
    })
  } catch (error) {
    if (!hold.lost.aborted && !isCoxError(error, 'CLAIM_LOST')) throw error
    services.logger.warn('the run goes on elsewhere', { run, error: errorMessage(error) })
    throw new CoxError('WORKFLOW_TAKEN', `${run} is not this worker's any more`, { hint: 'Leave it alone.', cause: error })
  }
}

async function performStep(step: Step, services: RunServices): Promise<RunProgress> {
  const { progress } = step
  const loaded = await services.journal.load(step.run)
  const control = services.control(step.run)
  await holdPlace(services, { run: step.run, effect: progress.next, signals: [control.signal, step.shutdown] })
  const budget = watchBudget({ progress, budget: loaded.run.budget, isIdle: progress.next.kind === 'wait' })
  const key = `${step.run}/${step.leg}/${step.number}`
  const startedAt = services.clock.now()
  const effect: EffectContext = {
    services,
    record: { ...loaded, progress },
    control,
    budget,
    key,
    dir: `${services.runsDir}/${step.run}/${step.leg}-${step.number}`,
    shutdown: AbortSignal.any([step.shutdown, services.hold.lost]),
    interrupt: AbortSignal.any([control.signal, budget.signal]),
  }
  try {
    const judged: { harness: string | null } = { harness: null }
    const outcome = await performSafely(progress.next, effect, judged)
    const activeMs = progress.next.kind === 'wait' ? 0 : services.clock.now() - startedAt
    const decided = await decide(effect, { ...outcome, activeMs }, judged.harness)
    // What is written down as at rest has no process any more: a crash in between repeats the step.
    const next = decided.next.kind === 'rest' ? restWith(decided, await endWork(step.run, services)) : decided
    const transition = {
      run: step.run,
      from: progress.state,
      progress: next,
      event: eventOf(outcome, progress, next),
      key,
      consumed: consumedBy(control, outcome),
    }
    const room = { ...roomOf(effect), signal: effect.shutdown }
    const recorded = await waitForRoom(room, () => services.journal.record(transition))
    if (outcome.kind === 'turn-ended') {
      const spent = turnSpending(progress, recorded, outcome.costUsd !== null)
      await waitForRoom(room, () => services.journal.usage(step.run, key, spent))
    }
    return recorded
  } finally {
    budget.close()
    control.close()
  }
}

/** By the limits of the harness that the effect went by. */
async function decide({ services, record }: EffectContext, outcome: EffectOutcome, harness: string | null): Promise<RunProgress> {
  const { limits } = harness === null ? services.config : await services.harnesses.read(harness)
  const circumstances = { limits, nowMs: services.clock.now(), isFree: record.run.agent === 'rewriter' }
  return advance(harness === null ? record.progress : { ...record.progress, harness }, outcome, circumstances)
}

async function performSafely(
  effect: Effect,
  context: EffectContext,
  judged: { harness: string | null },
): Promise<UntimedOutcome> {
  try {
    context.shutdown.throwIfAborted()
    if (context.interrupt.aborted) return { kind: 'interrupted', interruption: interruptionOf(context) }
    const own = await judgedByOwn(effect, context)
    judged.harness = own?.harness ?? null
    const act = (): Promise<UntimedOutcome> => perform(effect, own?.context ?? context, judged.harness)
    // A turn that is repeated is paid for twice: it waits by itself, around what its agent does.
    return await orLacking(await (effect.kind === 'turn' ? act() : waitForRoom(roomOf(context), act)), context)
  } catch (error) {
    if (context.shutdown.aborted) {
      if (isCoxError(context.shutdown.reason, 'ENGINE_STOPPED')) await suspend(context)
      throw context.shutdown.reason
    }
    if (isCoxError(error, 'CLAIM_LOST')) throw error
    if (context.interrupt.aborted) return { kind: 'interrupted', interruption: interruptionOf(context) }
    context.services.logger.error('effect failed', {
      run: context.record.run.id,
      effect: effect.kind,
      error: errorMessage(error),
      stack: error instanceof Error ? error.stack : undefined,
    })
    const hint = isCoxError(error) ? ` ${error.hint}` : ''
    const outcome =
      isCoxError(error, 'RUN_BRANCH_MOVED') || isCoxError(error, 'RUN_BRANCH_IN_USE') ? 'branch-moved' : 'harness-error'
    return orLacking({ kind: 'failed', outcome, reason: redact(`${errorMessage(error)}.${hint} Then resume the run.`) }, context)
  }
}

/** What failed because the run's commits are not here says so, whatever it was that missed them. */
async function orLacking(outcome: UntimedOutcome, context: EffectContext): Promise<UntimedOutcome> {
  if (outcome.kind !== 'failed') return outcome
  const reason = await lackingCommit(context).catch(() => null) // then git itself is what fails
  return reason === null ? outcome : { kind: 'failed', outcome: 'work-missing', reason }
}

/** Written down before what works for the run is ended: the next life of ours must not take that for a failure. */
async function suspend({ services, record, key }: EffectContext): Promise<void> {
  const { id } = record.run
  await services.journal
    .suspended(id, key)
    .catch((error: unknown) => services.logger.warn('a stop was not written down', { run: id, error: String(error) }))
}

function perform(effect: Effect, context: EffectContext, harness: string | null): Promise<UntimedOutcome> {
  switch (effect.kind) {
    case 'prepare':
      return performPrepare(effect, context, harness)
    case 'turn':
      return performTurn(effect, context)
    case 'check':
      return performCheck(context)
    case 'wait':
      return performWait(effect, context)
    case 'land':
      return performLanding(context)
    case 'rest':
      throw new CoxError('RUN_AT_REST', 'A run at rest has nothing to perform', { hint: 'This is a bug: please report it.' })
    default:
      return effect satisfies never
  }
}

/** Interventions that this outcome settles: they are crossed off in the transaction that records it. */
function consumedBy(control: RunControl, outcome: UntimedOutcome): number[] {
  const isInterrupted = outcome.kind === 'interrupted' || (outcome.kind === 'turn-ended' && outcome.interruptedBy !== null)
  const request = requestOf(control)
  if (isInterrupted) return request === null ? [] : [request.intervention]
  return heardOf(outcome).map(({ id }) => id)
}

/** Words that open the next turn, or come too late for any. */
function heardOf(outcome: UntimedOutcome): readonly Said[] {
  if (outcome.kind === 'landed') return outcome.unheard ?? []
  if (outcome.kind === 'checked') return outcome.undelivered ?? []
  return outcome.kind === 'turn-ended' && outcome.failure === null ? outcome.undelivered : []
}
