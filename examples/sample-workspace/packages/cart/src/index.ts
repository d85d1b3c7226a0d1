export interface Line {
  readonly price: number
  readonly quantity: number
}

/** What a cart costs, in cents. */
export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.price * line.quantity, 0)
}

export function isStale(openedAt: number): boolean {
  return new Date().getTime() - openedAt > 3_600_000
}
