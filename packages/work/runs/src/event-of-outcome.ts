import type { RunEvent } from '@coxswain/model'
import type { RunProgress } from './run-progress.ts'
import type { UntimedOutcome } from './services.ts'

/** The event that tells of an effect and of the states around it; bulky parts (diffs) are in git. */
export function eventOf(result: UntimedOutcome, before: RunProgress, after: RunProgress): RunEvent {
  const step = { from: before.state, to: after.state, outcome: after.outcome, reason: after.reason }
  switch (result.kind) {
    case 'prepared':
      return { name: 'worktree-prepared', data: { ...step, ...result } }
    case 'setup-failed':
      return { name: 'setup-failed', data: { ...step, ...result } }
    case 'turn-ended':
      return { name: 'turn-ended', data: { ...step, ...result } }
    case 'checked':
      return { name: 'gates-ended', data: { ...step, ...result } }
    case 'waited':
      return { name: 'wait-ended', data: { ...step, ...result } }
    case 'landed':
      return { name: 'change-landed', data: { ...step, ...result } }
    case 'conflict': {
      const { ourDiff: _ours, theirDiff: _theirs, ...told } = result
      return { name: 'landing-conflicted', data: { ...step, ...told } }
    }
    case 'red':
      return { name: 'landing-rejected', data: { ...step, ...result } }
    case 'main-dirty':
      return { name: 'landing-postponed', data: { ...step, ...result } }
    case 'nothing-left':
      return { name: 'landing-empty', data: { ...step, ...result } }
    case 'base-red':
      return { name: 'branch-red', data: { ...step, ...result } }
    case 'interrupted':
      return { name: 'run-interrupted', data: { ...step, ...result } }
    case 'failed':
      return { name: 'effect-failed', data: { ...step, ...result } }
    default:
      return result satisfies never
  }
}
