import type { BudgetWatch } from './budget-watch.ts'
import type { InterruptionRequest, RunControl, RunRecord, RunServices } from './services.ts'

/** Everything an effect is performed with. */
export interface EffectContext {
  readonly services: RunServices
  readonly record: RunRecord
  readonly control: RunControl
  readonly budget: BudgetWatch
  /** Unique to this effect and the same when it is repeated. */
  readonly key: string
  /** A folder of this effect's own. */
  readonly dir: string
  /** Aborts when our process shuts down: let go, leave the work going. */
  readonly shutdown: AbortSignal
  /** Aborts when a person or a budget ends the effect: end the work. */
  readonly interrupt: AbortSignal
}

/** Why the interrupt signal fired. */
export function interruptionOf({
  control,
  budget,
}: Pick<EffectContext, 'control' | 'budget'>): InterruptionRequest['interruption'] {
  const asked = requestOf(control)
  return asked === null ? { by: 'budget', text: budget.breach() ?? 'A budget is used up.' } : asked.interruption
}

export function requestOf(control: RunControl): InterruptionRequest | null {
  return control.signal.aborted ? (control.signal.reason as InterruptionRequest) : null
}
