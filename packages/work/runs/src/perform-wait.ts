import { sleep } from '@coxswain/kernel'
import type { EffectContext } from './effect-context.ts'
import type { Effect } from './run-progress.ts'
import type { UntimedOutcome } from './services.ts'

/** Waits until an absolute moment, so that a restart waits no longer than was left. */
export async function performWait(effect: Extract<Effect, { kind: 'wait' }>, context: EffectContext): Promise<UntimedOutcome> {
  const left = effect.untilMs - context.services.clock.now()
  if (left > 0) await sleep(Math.min(left, 2 ** 31 - 1), AbortSignal.any([context.interrupt, context.shutdown]))
  return { kind: 'waited' }
}
