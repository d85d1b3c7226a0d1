import { totalTokens, type TokenUsage } from '@coxswain/agents'

/** Which budget is used up, in words; null while there is room. */
export function budgetBreach(
  spent: { readonly usage: TokenUsage; readonly costUsd: number | null; readonly activeMs: number },
  budget: { readonly tokens: number | null; readonly usd: number | null; readonly timeMs: number | null },
): string | null {
  const tokens = totalTokens(spent.usage)
  if (budget.tokens !== null && tokens >= budget.tokens) return `The token budget is used up: ${tokens} of ${budget.tokens}.`
  if (budget.usd !== null && spent.costUsd !== null && spent.costUsd >= budget.usd)
    return `The money budget is used up: $${spent.costUsd.toFixed(4)} of $${budget.usd}.`
  if (budget.timeMs !== null && spent.activeMs >= budget.timeMs)
    return `The time budget is used up: ${Math.round(spent.activeMs / 1000)} s of ${Math.round(budget.timeMs / 1000)} s.`
  return null
}
