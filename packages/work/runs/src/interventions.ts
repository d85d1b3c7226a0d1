import { isAtRest, isEnded, type Intervention } from '@coxswain/model'
import { go, reworked } from './run-machine.ts'
import type { PromptSource, RunProgress } from './run-progress.ts'

export type InterventionResult =
  | { readonly kind: 'applied'; readonly progress: RunProgress }
  /** The run is going on, or will: its worker hears of it, and what comes of it is recorded with the effect that it ends or reaches. */
  | { readonly kind: 'live' }
  /** Words that wait until a person lets the run go on. */
  | { readonly kind: 'kept' }
  /** It will not take effect; `instead` is what would. */
  | { readonly kind: 'refused'; readonly why: string; readonly instead: string }

interface Circumstances {
  /** Something was said that the agent has not heard. */
  readonly hasWords?: boolean
  /** It was said before the run came to rest, so that it answers nothing of what stopped it. */
  readonly isOlder?: boolean
  /** A worker performs its first step, which is stored when it is done. */
  readonly isUnderWay?: boolean
}

/** What a person's act does to a run in its present state: the one place that decides, asked again where and when the act takes effect. Pure. */
export function applyIntervention(
  progress: RunProgress,
  intervention: Pick<Intervention, 'kind' | 'text'>,
  { hasWords = false, isOlder = false, isUnderWay = false }: Circumstances = {},
): InterventionResult {
  // Work that only its budget stopped can go on with a larger one.
  const canGoOn = progress.outcome === 'budget-exceeded' && intervention.kind === 'resume'
  if (isEnded(progress.state) && !canGoOn) return afterItsEnd(progress)
  if (progress.state === 'queued' && !isUnderWay) return beforeItsFirstStep(progress, intervention)
  if (!isAtRest(progress.state)) return whileItGoesOn(progress, intervention.kind)
  if (intervention.kind === 'say' && waitsForResume(progress, isOlder)) return { kind: 'kept' }
  const helped: RunProgress = { ...progress, repairs: 0, lastFailure: null, agentRetries: 0 }
  switch (intervention.kind) {
    case 'say':
      return queued(progress.outcome === 'base-red' ? { ...helped, acceptsRedBase: true } : helped, {
        kind: 'prepare',
        base: progress.base,
        tree: null,
        then: { kind: 'turn', prompt: spoken(progress, intervention.text) },
      })
    case 'resume':
      return resumed(helped, hasWords)
    case 'approve':
      return approved(helped)
    case 'rework':
      return { kind: 'applied', progress: { ...reworked(progress, intervention.text), state: 'queued', leg: progress.leg + 1 } }
    case 'pause':
      return refused(`it is at rest already (${progress.state})`, 'It goes on with nothing but a word of yours.')
    case 'cancel':
      return { kind: 'applied', progress: stopped(progress, 'cancelled', intervention.text) }
    default:
      return intervention.kind satisfies never
  }
}

function refused(why: string, instead: string): InterventionResult {
  return { kind: 'refused', why, instead }
}

function afterItsEnd({ outcome, state }: RunProgress): InterventionResult {
  const instead =
    outcome === 'budget-exceeded' ? 'Go on with a larger budget: `cox resume`.' : 'Add a new task: cox task add "…".'
  return refused(`the run has ended (${outcome ?? state})`, instead)
}

function resumed(progress: RunProgress, hasWords: boolean): InterventionResult {
  if (progress.state === 'awaiting-approval')
    return refused('it waits for approval', 'Let it land with `cox approve`, or say what to change.')
  if (isHeldUpByBranch(progress) && !hasWords) return queued(progress, { kind: 'land' })
  const held = hasWords ? null : progress.held
  return queued(progress, held ?? { kind: 'prepare', base: progress.base, tree: null, then: resumption(progress) })
}

/** Words must not undo a pause, nor allow a red branch that nobody knew of when they were said. */
function waitsForResume({ state, outcome }: RunProgress, isOlder: boolean): boolean {
  return state === 'paused' || (outcome === 'base-red' && isOlder)
}

/** What waits for its turn can be taken back; words wait with it. */
function beforeItsFirstStep(progress: RunProgress, { kind, text }: Pick<Intervention, 'kind' | 'text'>): InterventionResult {
  if (kind === 'cancel') return { kind: 'applied', progress: stopped(progress, 'cancelled', text) }
  if (kind === 'pause') return { kind: 'applied', progress: stopped(progress, 'paused', text) }
  if (kind === 'say') return { kind: 'live' }
  return refused('it is queued already', insteadOf[kind])
}

const insteadOf = {
  approve: 'Approve it when it asks: `cox status` lists what waits for you.',
  resume: 'It goes on by itself.',
  rework: 'Say what to do differently with `cox say`, or cancel it with `cox cancel`.',
} as const

/** Consent to work that nobody has seen is none, and what goes on needs no push. */
function whileItGoesOn(progress: RunProgress, kind: Intervention['kind']): InterventionResult {
  const state = progress.state === 'queued' ? 'preparing' : progress.state
  if (kind !== 'approve' && kind !== 'resume') return { kind: 'live' }
  if (kind === 'resume') return refused(`it is going on (${state})`, insteadOf.resume)
  return progress.mayLand
    ? refused(`it is going on (${state}) and may land already`, 'Nothing is left to approve.')
    : refused(`it is going on (${state}): there is nothing to approve yet`, insteadOf.approve)
}

function stopped(progress: RunProgress, state: 'cancelled' | 'paused', text: string): RunProgress {
  return {
    ...progress,
    state,
    outcome: state,
    reason: text === '' ? `${state === 'paused' ? 'Paused' : 'Cancelled'} by a person.` : text,
    next: { kind: 'rest' },
  }
}

function approved(progress: RunProgress): InterventionResult {
  const allowed: RunProgress = progress.mayLand ? progress : { ...progress, mayLand: true, landsTree: progress.tree }
  const isHeld = progress.held?.kind === 'land' && progress.state === 'blocked'
  if (progress.outcome === 'awaiting-approval' || isHeld || isHeldUpByBranch(progress)) return queued(allowed, { kind: 'land' })
  if (progress.outcome === 'protected-path')
    return queued(
      { ...allowed, approvedTree: progress.tree },
      { kind: 'prepare', base: progress.base, tree: null, then: { kind: 'check' } },
    )
  return {
    kind: 'refused',
    why: `there is nothing to approve (${progress.outcome ?? progress.state})`,
    instead: 'Let it go on with `cox resume`, or answer with `cox say`.',
  }
}

/** Its work is done, and the branch was not ready for it. */
function isHeldUpByBranch({ outcome, head, mayLand }: RunProgress): boolean {
  return outcome === 'main-dirty' || (outcome === 'base-red' && head !== null && mayLand)
}

/** An agent that has not heard of the task yet hears of it first. */
function spoken(progress: RunProgress, text: string): PromptSource {
  return isUntold(progress) ? { ...taskOf(progress), words: text } : { kind: 'message', text }
}

function isUntold({ turns, head }: RunProgress): boolean {
  return turns === 0 || head === null
}

function taskOf({ reworkReason }: RunProgress): Extract<PromptSource, { kind: 'task' }> {
  return { kind: 'task', reworkReason: reworkReason ?? null }
}

/** A run that was stopped in mid-work goes on with what it has: an untouched one starts its task. */
function resumption(progress: RunProgress): RunProgress['next'] {
  if (isUntold(progress)) return { kind: 'turn', prompt: taskOf(progress) }
  // The work was not at fault: it is judged again as it is.
  if (progress.outcome === 'gate-unusable') return { kind: 'check' }
  return { kind: 'turn', prompt: { kind: 'continue', why: progress.outcome ?? 'paused' } }
}

function queued(progress: RunProgress, next: RunProgress['next']): InterventionResult {
  return { kind: 'applied', progress: { ...go(progress, next), state: 'queued', leg: progress.leg + 1 } }
}
