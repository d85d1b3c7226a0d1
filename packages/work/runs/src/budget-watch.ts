import { addUsage, noUsage, totalTokens, type TokenUsage } from '@coxswain/agents'
import type { Budget } from '@coxswain/model'
import { budgetBreach } from './budget-breach.ts'
import type { RunProgress } from './run-progress.ts'

export interface BudgetWatch {
  /** Aborts at the moment a limit is reached. */
  readonly signal: AbortSignal
  /** Which limit, in words. */
  breach(): string | null
  /** Totals of the turn under way. `contextTokens` is what the conversation holds: at least so much was read in this turn. */
  report(turn: { readonly usage: TokenUsage; readonly costUsd: number | null; readonly contextTokens: number | null }): void
  /** What the turn under way has used at the least, by its reports. */
  reported(): TokenUsage
  close(): void
}

/** Watches one effect against what is left of the run's budget. Waiting costs no time. */
export function watchBudget({
  progress,
  budget,
  isIdle,
}: {
  readonly progress: RunProgress
  readonly budget: Budget
  readonly isIdle: boolean
}): BudgetWatch {
  const controller = new AbortController()
  let breach: string | null = null
  let reported = noUsage
  const check = (usage: TokenUsage, costUsd: number | null, activeMs: number): void => {
    breach ??= budgetBreach({ usage, costUsd, activeMs }, budget)
    if (breach !== null && !controller.signal.aborted) controller.abort(new Error(breach))
  }
  check(progress.usage, progress.costUsd, progress.activeMs)
  const left = budget.timeMs === null || isIdle ? null : budget.timeMs - progress.activeMs
  const timer =
    left === null
      ? undefined
      : setTimeout(() => check(progress.usage, progress.costUsd, progress.activeMs + left), Math.min(left, 2 ** 31 - 1))
  return {
    signal: controller.signal,
    breach: () => breach,
    report: (turn) => {
      const cost = turn.costUsd === null ? progress.costUsd : (progress.costUsd ?? 0) + turn.costUsd
      reported = atLeast(turn.usage, Math.max(turn.contextTokens ?? 0, totalTokens(reported)))
      check(addUsage(progress.usage, reported), cost, progress.activeMs)
    },
    reported: () => reported,
    close: () => clearTimeout(timer),
  }
}

/** Some agents tell their usage only when the turn is over: what the conversation holds is a floor until then. */
function atLeast(usage: TokenUsage, tokens: number): TokenUsage {
  return { ...usage, input: usage.input + Math.max(0, tokens - totalTokens(usage)) }
}
