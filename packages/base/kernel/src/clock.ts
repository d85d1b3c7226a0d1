import type { Duration, Instant } from './duration.ts'

/** Time as a dependency, so that everything above `host` is testable without waiting. */
export interface Clock {
  now(): Instant
  /** Resolves after the duration; rejects with the signal's reason when aborted. */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>
}
