import type { Task } from '@coxswain/model'

/** The rule whose findings a task is about; null for other tasks. */
export function mendedRule({ origin }: Pick<Task, 'origin'>): string | null {
  return /^finding:(.+)$/.exec(origin)?.[1] ?? null
}
