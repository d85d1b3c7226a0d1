import type { Progress, TreeOptions } from '@coxswain/facts'
import type { Clock } from '@coxswain/kernel'

export interface Telling {
  readonly clock: Clock
  readonly write: (line: string) => void
}

const firstAfterMs = 2_000
const againAfterMs = 10_000

/** A line when a look takes longer than anybody wonders, and now and then another; none for nearly all. */
export function tellProgress({ clock, write }: Telling): Required<Pick<TreeOptions, 'onProgress'>>['onProgress'] {
  let next = clock.now() + firstAfterMs
  return ({ read, of, path }: Progress) => {
    const now = clock.now()
    if (now < next) return
    next = now + againAfterMs
    write(`cox check: ${Math.min(read, of)} of ${of} files read, now at ${path}`)
  }
}
