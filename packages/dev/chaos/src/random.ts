export interface Random {
  /** A whole number from 0 on, below the limit. */
  below(limit: number): number
  between(from: number, to: number): number
  pick<T>(items: readonly T[]): T | undefined
}

/** The same numbers for the same seed: a run of the tool can be told apart from luck. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, between: (from, to) => from + below(to - from), pick: (items) => items[below(items.length)] }
}
