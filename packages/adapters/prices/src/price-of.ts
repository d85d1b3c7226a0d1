import type { PriceOf } from '@coxswain/agents'

/** US dollars for a million tokens of each class. */
export interface PriceOverride {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly output: number
}

/**
 * Prices from the table that the dependency carries, without a network; `overrides` are the team's own, by model name.
 * For agents that count tokens and know no prices.
 */
export async function loadPriceOf(overrides: Readonly<Record<string, PriceOverride>> = {}): Promise<PriceOf> {
  // The table takes a fifth of a second to load: only those who need prices wait for it.
  const { calcPrice } = await import('@pydantic/genai-prices')
  return (model, usage) => {
    const own = overrides[model]
    if (own !== undefined) {
      const { input, cachedInput, cacheWrite, output } = usage
      const total = input * own.input + cachedInput * own.cachedInput + cacheWrite * own.cacheWrite + output * own.output
      return total / 1_000_000
    }
    const tokens = {
      input_tokens: usage.input + usage.cachedInput + usage.cacheWrite,
      cache_read_tokens: usage.cachedInput,
      cache_write_tokens: usage.cacheWrite,
      output_tokens: usage.output,
    }
    return calcPrice(tokens, model)?.total_price ?? null
  }
}
