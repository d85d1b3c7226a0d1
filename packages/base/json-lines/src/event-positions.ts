/** Numbers what a program's output means, so that the same thing has the same number when the output is read again. */
export interface EventPositions {
  /** From now on, what is numbered comes from this line. */
  enterLine(line: number): void
  next(): number
}

/** More than one line ever means. */
const perLine = 1_000

export function createEventPositions(): EventPositions {
  let line = 0
  let used = 0
  return {
    enterLine: (entered) => {
      line = entered
      used = 0
    },
    next: () => line * perLine + used++,
  }
}
