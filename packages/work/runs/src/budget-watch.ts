import { addUsage, type TokenUsage } from '@coxswain/agents'
import type { Budget } from '@coxswain/model'
import { budgetBreach, type RunProgress } from './run-machine.ts'

export interface BudgetWatch {
  /** Aborts at the moment a limit is reached. */
  readonly signal: AbortSignal
  /** Which limit, in words. */
  breach(): string | null
  /** Totals of the turn under way. */
  report(turn: { readonly usage: TokenUsage; readonly costUsd: number | null }): void
  close(): void
}

/** Watches one effect against what is left of the run's budget. Waiting costs no time. */
export function watchBudget({ progress, budget, isIdle }: { readonly progress: RunProgress; readonly budget: Budget; readonly isIdle: boolean }): BudgetWatch {
  const controller = new AbortController()
  let breach: string | null = null
  const check = (usage: TokenUsage, costUsd: number | null, activeMs: number): void => {
    breach ??= budgetBreach({ usage, costUsd, activeMs }, budget)
    if (breach !== null && !controller.signal.aborted) controller.abort(new Error(breach))
  }
  check(progress.usage, progress.costUsd, progress.activeMs)
  const left = budget.timeMs === null || isIdle ? null : budget.timeMs - progress.activeMs
  const timer = left === null ? undefined : setTimeout(() => check(progress.usage, progress.costUsd, progress.activeMs + left), Math.min(left, 2 ** 31 - 1))
  return {
    signal: controller.signal,
    breach: () => breach,
    report: (turn) => {
      const cost = turn.costUsd === null ? progress.costUsd : (progress.costUsd ?? 0) + turn.costUsd
      check(addUsage(progress.usage, turn.usage), cost, progress.activeMs)
    },
    close: () => clearTimeout(timer),
  }
}
