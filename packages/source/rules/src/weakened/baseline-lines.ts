export interface BaselineLine {
  readonly rule: string
  /** The same wherever the code stands: what moves is not new. */
  readonly moveKey: string
  readonly reason: string
}

/** The violations in a file of the baseline: `fingerprint moveKey file # reason`. */
export function baselineLines(path: string, text: string): BaselineLine[] {
  const rule = /^harness\/baseline\/(.+)\.txt$/.exec(path)?.[1]
  if (rule === undefined) return []
  return text.split('\n').flatMap((line) => {
    const [, moveKey, reason = ''] = /^[0-9a-f]{16} ([0-9a-f]{16}) .*?(?: # (.*))?$/.exec(line) ?? []
    return moveKey === undefined ? [] : [{ rule, moveKey, reason }]
  })
}

/** Violations that are new in the baseline: one mended and one made do not cancel out. */
export function grownBy(was: readonly BaselineLine[], now: readonly BaselineLine[]): BaselineLine[] {
  const open = Map.groupBy(was, (line) => line.moveKey)
  const left = new Map([...open].map(([key, lines]) => [key, lines.length]))
  return now.filter(({ moveKey }) => {
    const count = left.get(moveKey) ?? 0
    left.set(moveKey, count - 1)
    return count <= 0
  })
}
