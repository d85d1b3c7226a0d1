/** Tokens by class, as the vendor bills them. `input` excludes `cachedInput`; `output` includes `reasoning`. */
export interface TokenUsage {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly output: number
  readonly reasoning: number
}

export const noUsage: TokenUsage = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 }

export function addUsage(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    input: left.input + right.input,
    cachedInput: left.cachedInput + right.cachedInput,
    cacheWrite: left.cacheWrite + right.cacheWrite,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
  }
}

/** What a token budget counts: everything the model read or wrote. */
export function totalTokens(usage: TokenUsage): number {
  return usage.input + usage.cachedInput + usage.cacheWrite + usage.output
}

/** US dollars for what a model read and wrote; null when its price is not known. */
export type PriceOf = (model: string, usage: TokenUsage) => number | null
