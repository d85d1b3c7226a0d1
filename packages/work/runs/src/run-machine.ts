import type { AgentFailure } from '@coxswain/agents'
import { addUsage } from '@coxswain/agents'
import { assertNever } from '@coxswain/kernel'
import type { GateResult, HarnessConfig, RunOutcome, RunState } from '@coxswain/model'
import {
  failureOutOfReach,
  questionAfterEscape,
  questionAfterFailures,
  questionAfterNoChange,
  questionAfterProtected,
  questionOfLanding,
  reasonOfRedBase,
  whyPostponed,
} from './questions.ts'
import { isStanding, reactTo } from './reaction.ts'
import type { Effect, EffectOutcome, Interruption, RunProgress, Said } from './run-progress.ts'

/*
 * A run's states and the effects between them.
 *
 *   queued ──► preparing ──► working ──► checking ──► awaiting-approval ──► landing ──► landed
 *                  ▲            ▲ │ ▲        │                                 │
 *                  │   waiting ◄┘ │ └────────┘ gate failed: repair             │ conflict or red: repair
 *                  └──────────────┼────────────────────────────────────────────┘
 *                                 ▼
 *          paused · blocked · stopped · cancelled        (from any state that is going on)
 *
 * At rest (awaiting-approval, paused, blocked) a person's intervention puts the run back to queued: `interventions.ts`.
 * `advance` is the only place that decides; it is pure, so a repeated step decides the same.
 */

type RunLimits = HarnessConfig['limits']

export function advance(
  progress: RunProgress,
  outcome: EffectOutcome,
  context: { readonly limits: RunLimits; readonly nowMs: number; readonly isFree: boolean },
): RunProgress {
  const after = { ...progress, activeMs: progress.activeMs + outcome.activeMs }
  switch (outcome.kind) {
    case 'prepared':
      return afterPrepared(after, outcome)
    case 'setup-failed':
      return rest(after, 'blocked', 'setup-failed', `The worktree's set-up failed: ${outcome.excerpt}`)
    case 'turn-ended':
      return afterTurn(after, outcome, context)
    case 'checked':
      return afterGates(after, outcome, repairLimits(context))
    case 'waited':
      return go(after, progress.next.kind === 'wait' ? progress.next.then : { kind: 'check' })
    case 'landed':
      return rest({ ...after, landed: outcome.commit }, 'landed', 'landed', null)
    case 'conflict':
      return afterConflict(after, outcome, context.limits)
    case 'red':
      return repair(after, outcome.result, repairLimits(context), { base: outcome.main, tree: outcome.tree })
    case 'nothing-left':
      return rest(after, 'stopped', 'no-change', 'The branch holds this change already: nothing is left to land.')
    case 'main-dirty':
      return rest(after, 'blocked', 'main-dirty', whyPostponed(outcome))
    case 'base-red':
      return restOnRed(after, outcome.result, outcome.main)
    case 'interrupted':
      return afterInterruption(after, outcome.interruption)
    case 'failed':
      return rest(heldLanding(after), 'blocked', outcome.outcome, outcome.reason)
    default:
      return assertNever(outcome)
  }
}

function afterPrepared(progress: RunProgress, outcome: Extract<EffectOutcome, { kind: 'prepared' }>): RunProgress {
  const { base, head, tree, red, harness = null } = outcome
  // Base and head stay unset: a later start takes the branch as it is then.
  if (red !== undefined && red !== null && progress.acceptsRedBase !== true) return restOnRed(progress, red, base)
  const redGate = red === undefined ? {} : { redGate: red === null ? null : { gate: red.gate, excerpt: red.excerpt } }
  return go(
    { ...progress, base, head, tree, harness, ...redGate },
    progress.next.kind === 'prepare' ? progress.next.then : { kind: 'check' },
  )
}

function restOnRed(progress: RunProgress, result: GateResult, commit: string): RunProgress {
  return result.verdict === 'not-startable'
    ? rest(progress, 'blocked', 'gate-unusable', reasonOfUnusable(result))
    : rest(progress, 'blocked', 'base-red', reasonOfRedBase(result, commit, progress.head !== null))
}

function reasonOfUnusable({ gate, excerpt, cause }: GateResult): string {
  return `The gate "${gate}" cannot be started: ${excerpt}${cause === undefined ? '' : `\n${cause}`}`
}

type TurnEnded = Extract<EffectOutcome, { kind: 'turn-ended' }>

function afterTurn(
  progress: RunProgress,
  outcome: TurnEnded,
  context: { readonly limits: RunLimits; readonly nowMs: number; readonly isFree: boolean },
): RunProgress {
  const after: RunProgress = {
    ...progress,
    head: outcome.head,
    tree: outcome.tree,
    mayLand: progress.mayLand && !isOtherThanApproved(progress, outcome.tree),
    turns: progress.turns + 1,
    usage: addUsage(progress.usage, outcome.usage),
    costUsd: outcome.costUsd === null ? progress.costUsd : (progress.costUsd ?? 0) + outcome.costUsd,
    resumeToken: outcome.resumeToken ?? progress.resumeToken,
    model: outcome.model ?? progress.model,
  }
  const { escaped = [] } = outcome
  if (escaped.length > 0) return rest({ ...after, mayLand: false }, 'blocked', 'escaped', questionAfterEscape(escaped))
  if (outcome.interruptedBy !== null) return afterInterruption(after, outcome.interruptedBy)
  if (outcome.failure !== null) return afterAgentFailure(after, outcome.failure, context)
  const settled = { ...after, agentRetries: 0 }
  if (outcome.undelivered.length > 0) return hear(settled, outcome.undelivered)
  const { outOfReach = [] } = outcome
  if (outOfReach.length > 0) return repair(settled, failureOutOfReach(outOfReach, outcome.tree), repairLimits(context), null)
  if (!outcome.isChanged)
    return rest(
      settled,
      context.isFree ? 'stopped' : 'blocked',
      'no-change',
      context.isFree ? 'Nothing to change.' : questionAfterNoChange(outcome.message, outcome.ignored),
    )
  const question = questionAfterProtected(outcome)
  if (question !== null && outcome.tree !== progress.approvedTree) return rest(settled, 'blocked', 'protected-path', question)
  return go(settled, { kind: 'check' })
}

function afterAgentFailure(
  progress: RunProgress,
  failure: AgentFailure,
  context: { readonly limits: RunLimits; readonly nowMs: number },
): RunProgress {
  const reaction = reactTo(failure, { retries: progress.agentRetries, limit: context.limits.agentRetries, nowMs: context.nowMs })
  const restarts = progress.restarts + (isStanding(failure) ? 0 : 1)
  const counted = { ...progress, agentRetries: progress.agentRetries + 1, restarts }
  switch (reaction.kind) {
    case 'wait':
      return go(counted, {
        kind: 'wait',
        untilMs: reaction.untilMs,
        then: { kind: 'turn', prompt: { kind: 'continue', why: failure.kind } },
      })
    case 'continue':
      return go(counted, { kind: 'turn', prompt: { kind: 'continue', why: failure.kind } })
    case 'fresh':
      return go(
        { ...counted, session: progress.session + 1, resumeToken: null },
        { kind: 'turn', prompt: { kind: 'fresh', why: failure.kind } },
      )
    case 'block':
      return rest(progress, 'blocked', reaction.outcome, reaction.reason)
    default:
      return assertNever(reaction)
  }
}

/** A rewriter applies its orders and no more: a gate's output tells it nothing. */
function repairLimits({ limits, isFree }: { readonly limits: RunLimits; readonly isFree: boolean }): RunLimits {
  return isFree ? { ...limits, gateRepairs: 0 } : limits
}

function hear(progress: RunProgress, said: readonly Said[]): RunProgress {
  return go(progress, { kind: 'turn', prompt: { kind: 'message', text: said.map(({ text }) => text).join('\n\n') } })
}

type Checked = Extract<EffectOutcome, { kind: 'checked' }>

function afterGates(progress: RunProgress, { results, undelivered = [] }: Checked, limits: RunLimits): RunProgress {
  const failed = results.find((result) => result.verdict !== 'passed')
  if (failed !== undefined) return repair(progress, failed, limits, null)
  const passed = { ...progress, repairs: 0, lastFailure: null, conflictPaths: [] }
  if (undelivered.length > 0) return hear(passed, undelivered)
  if (passed.mayLand) return go(passed, { kind: 'land' })
  const isAgain = isOtherThanApproved(passed, passed.tree)
  return rest(passed, 'awaiting-approval', 'awaiting-approval', questionOfLanding(results.length > 0, isAgain))
}

/** A person lets that work land which they could look at. */
function isOtherThanApproved({ landsTree }: RunProgress, tree: string | null): boolean {
  return landsTree != null && tree !== landsTree
}

/** Sends a failing gate back to the agent, or stops when that led nowhere. */
function repair(
  progress: RunProgress,
  result: GateResult,
  limits: RunLimits,
  merged: { readonly base: string; readonly tree: string } | null,
): RunProgress {
  if (result.verdict === 'not-startable') {
    return rest(progress, 'blocked', 'gate-unusable', reasonOfUnusable(result))
  }
  const fingerprint = `${result.gate}\n${result.verdict}\n${withoutNumbers(result.excerpt)}`
  const times = progress.lastFailure?.fingerprint === fingerprint ? progress.lastFailure.times + 1 : 1
  const after: RunProgress = {
    ...progress,
    gateFailures: progress.gateFailures + 1,
    repairs: progress.repairs + 1,
    lastFailure: { fingerprint, times },
  }
  if (times > limits.sameFailure || after.repairs > limits.gateRepairs)
    return rest(after, 'blocked', 'blocked', questionAfterFailures(result, times, progress.repairs))
  const turn: Effect = { kind: 'turn', prompt: { kind: 'gate-failure', result, afterMerge: merged !== null } }
  return go(after, merged === null ? turn : { kind: 'prepare', ...merged, then: turn })
}

/** Times, addresses and counters differ between two runs of the same failure. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/0x[0-9a-f]+|\d+(?:\.\d+)?/gi, '#')
}

function afterConflict(
  progress: RunProgress,
  outcome: Extract<EffectOutcome, { kind: 'conflict' }>,
  limits: RunLimits,
): RunProgress {
  const repairs = progress.conflictRepairs + 1
  const after: RunProgress = { ...progress, conflictRepairs: repairs, conflictPaths: outcome.paths }
  if (repairs > limits.conflictRepairs) {
    return rest(
      after,
      'blocked',
      'conflict',
      `The change conflicts with the branch for the ${repairs}th time, in ${outcome.paths.slice(0, 5).join(', ')}. Should it be reworked from the new tip?`,
    )
  }
  const { paths, ourDiff, theirDiff } = outcome
  return go(after, {
    kind: 'prepare',
    base: outcome.main,
    tree: outcome.tree,
    then: { kind: 'turn', prompt: { kind: 'conflict', paths, ourDiff, theirDiff } },
  })
}

function afterInterruption(progress: RunProgress, { by, text }: Interruption): RunProgress {
  switch (by) {
    case 'pause':
      return rest(holding(progress), 'paused', 'paused', text === '' ? 'Paused by a person.' : text)
    case 'cancel':
      return rest(progress, 'cancelled', 'cancelled', text === '' ? 'Cancelled by a person.' : text)
    case 'budget':
      return rest(holding(progress), 'stopped', 'budget-exceeded', text)
    case 'rework':
      return reworked(progress, text)
    case 'shutdown':
      // Its program went with ours: a new one goes on with the conversation, and nobody failed.
      return go({ ...progress, restarts: progress.restarts + 1 }, { kind: 'turn', prompt: { kind: 'continue', why: text } })
    default:
      return assertNever(by)
  }
}

/** A landing that could not be done is taken up again as it is: the work was not at fault. */
function heldLanding(progress: RunProgress): RunProgress {
  return progress.next.kind === 'land' ? { ...progress, held: progress.next } : progress
}

/** Work that was done already is not asked of the agent again. */
function holding(progress: RunProgress): RunProgress {
  const { next, base } = progress
  if (next.kind === 'land') return { ...progress, held: next }
  return next.kind === 'check'
    ? { ...progress, held: { kind: 'prepare', base, tree: null, then: next } }
    : { ...progress, held: null }
}

/** Throws the work away and starts from the tip; what was spent and why stays. */
export function reworked(progress: RunProgress, reason: string): RunProgress {
  const clean: RunProgress = {
    ...progress,
    base: null,
    head: null,
    tree: null,
    session: progress.session + 1,
    resumeToken: null,
    repairs: 0,
    lastFailure: null,
    conflictPaths: [],
    conflictRepairs: 0,
    agentRetries: 0,
    approvedTree: null,
    reworkReason: reason,
  }
  return go(clean, {
    kind: 'prepare',
    base: null,
    tree: null,
    then: { kind: 'turn', prompt: { kind: 'task', reworkReason: reason } },
  })
}

export function go(progress: RunProgress, next: Effect): RunProgress {
  return { ...progress, state: stateOf(next), outcome: null, reason: null, held: null, next }
}

function rest(progress: RunProgress, state: RunState, outcome: RunOutcome, reason: string | null): RunProgress {
  return { ...progress, state, outcome, reason, harness: null, next: { kind: 'rest' } }
}

function stateOf(effect: Effect): RunState {
  switch (effect.kind) {
    case 'prepare':
      return 'preparing'
    case 'turn':
      return 'working'
    case 'check':
      return 'checking'
    case 'wait':
      return 'waiting'
    case 'land':
      return 'landing'
    case 'rest':
      return 'blocked'
    default:
      return assertNever(effect)
  }
}
