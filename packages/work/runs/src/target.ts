import type { Run } from '@coxswain/model'
import type { RunServices } from './services.ts'

/** The branch that a run grows from and lands on, whatever is checked out by now. One of before that was recorded goes where new work goes. */
export function targetOf({ target }: Pick<Run, 'target'>, { branch }: Pick<RunServices, 'branch'>): string {
  return target ?? branch
}
