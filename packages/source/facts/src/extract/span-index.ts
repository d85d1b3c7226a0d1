interface Span {
  readonly start: number
  readonly end: number
}

/** The innermost of nested spans around an offset. Made once, asked often: a generated file has thousands of both. */
export function createSpanIndex<T extends Span>(spans: readonly T[]): (at: number) => T | null {
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end)
  const around = new Int32Array(sorted.length).fill(-1)
  const open: number[] = []
  for (const [index, span] of sorted.entries()) {
    while (open.length > 0 && (sorted[open.at(-1) ?? 0]?.end ?? 0) <= span.start) open.pop()
    around[index] = open.at(-1) ?? -1
    open.push(index)
  }
  return (at) => {
    let index = lastBefore(sorted, at)
    while (index !== -1 && (sorted[index]?.end ?? 0) <= at) index = around[index] ?? -1
    return sorted[index] ?? null
  }
}

/** The last span that begins at or before an offset; -1 when none does. */
export function lastBefore(sorted: readonly Span[], at: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.start ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
