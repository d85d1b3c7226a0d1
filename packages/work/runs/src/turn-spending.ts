import type { TokenUsage } from '@coxswain/agents'
import type { RunProgress } from './run-progress.ts'

type Spent = Pick<RunProgress, 'usage' | 'costUsd' | 'model'>

/**
 * What a turn has cost, told by what is recorded of it: a repeated step may find that its agent said more after it was given up,
 * and the ledger must not say other than the run.
 */
export function turnSpending(before: Spent, recorded: Spent, isPriced: boolean): Spent {
  const less = (key: keyof TokenUsage): number => recorded.usage[key] - before.usage[key]
  const usage = {
    input: less('input'),
    cachedInput: less('cachedInput'),
    cacheWrite: less('cacheWrite'),
    output: less('output'),
    reasoning: less('reasoning'),
  }
  return {
    usage,
    costUsd: isPriced && recorded.costUsd !== null ? recorded.costUsd - (before.costUsd ?? 0) : null,
    model: recorded.model,
  }
}
