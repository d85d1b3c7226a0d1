import { isAtRest, isEnded, type Intervention } from '@coxswain/model'
import { go, reworked } from './run-machine.ts'
import type { PromptSource, RunProgress } from './run-progress.ts'

export type InterventionResult =
  | { readonly kind: 'applied'; readonly progress: RunProgress }
  /** The run is going on, or will: its worker must hear of it. */
  | { readonly kind: 'live' }
  | { readonly kind: 'refused'; readonly why: string }

interface Circumstances {
  /** Something was said that the agent has not heard. */
  readonly hasWords?: boolean
  /** It was said before the run came to rest, so that it answers nothing of what stopped it. */
  readonly isOlder?: boolean
}

/** What a person's word does to a run at rest; pure. */
export function applyIntervention(
  progress: RunProgress,
  intervention: Pick<Intervention, 'kind' | 'text'>,
  { hasWords = false, isOlder = false }: Circumstances = {},
): InterventionResult {
  // Work that only its budget stopped can go on with a larger one.
  const canGoOn = progress.outcome === 'budget-exceeded' && intervention.kind === 'resume'
  if (isEnded(progress.state) && !canGoOn)
    return { kind: 'refused', why: `the run has ended (${progress.outcome ?? progress.state})` }
  if (progress.state === 'queued') return beforeItsFirstStep(progress, intervention)
  if (!isAtRest(progress.state)) return { kind: 'live' }
  if (intervention.kind === 'say' && waitsForResume(progress, isOlder)) return { kind: 'live' }
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
      return progress.state === 'awaiting-approval'
        ? { kind: 'refused', why: 'it waits for approval: use `cox approve`' }
        : isHeldUpByBranch(progress) && !hasWords
          ? queued(helped, { kind: 'land' })
          : queued(
              helped,
              (hasWords ? null : progress.held) ?? {
                kind: 'prepare',
                base: progress.base,
                tree: null,
                then: resumption(progress),
              },
            )
    case 'approve':
      return approved(helped)
    case 'rework':
      return { kind: 'applied', progress: { ...reworked(progress, intervention.text), state: 'queued', leg: progress.leg + 1 } }
    case 'pause':
      return { kind: 'refused', why: `it is at rest already (${progress.state})` }
    case 'cancel':
      return { kind: 'applied', progress: stopped(progress, 'cancelled', intervention.text) }
    default:
      return intervention.kind satisfies never
  }
}

/** Words must not undo a pause, nor allow a red branch that nobody knew of when they were said. */
function waitsForResume({ state, outcome }: RunProgress, isOlder: boolean): boolean {
  return state === 'paused' || (outcome === 'base-red' && isOlder)
}

/** What waits for its turn can be taken back; words wait with it. */
function beforeItsFirstStep(progress: RunProgress, { kind, text }: Pick<Intervention, 'kind' | 'text'>): InterventionResult {
  if (kind === 'cancel') return { kind: 'applied', progress: stopped(progress, 'cancelled', text) }
  if (kind === 'pause') return { kind: 'applied', progress: stopped(progress, 'paused', text) }
  return kind === 'say' ? { kind: 'live' } : { kind: 'refused', why: 'it is queued already' }
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
  return { kind: 'refused', why: `there is nothing to approve (${progress.outcome ?? progress.state})` }
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
