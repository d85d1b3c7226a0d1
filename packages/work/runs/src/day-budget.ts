import type { HarnessConfig } from '@coxswain/model'

/** Which limit of the day is reached, in words with the next step; null while there is room. */
export function dayBreach(spent: { readonly tokens: number; readonly usd: number }, day: HarnessConfig['day']): string | null {
  const next = 'It goes on tomorrow, or when `day` in harness/harness.yaml allows more.'
  if (day.tokens !== null && spent.tokens >= day.tokens)
    return `The token budget of the day is used up: ${spent.tokens} of ${day.tokens}. ${next}`
  if (day.usd !== null && spent.usd >= day.usd)
    return `The money budget of the day is used up: $${spent.usd.toFixed(2)} of $${day.usd}. ${next}`
  return null
}
