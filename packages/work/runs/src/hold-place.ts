import type { RunId } from '@coxswain/model'
import type { Effect } from './run-progress.ts'
import type { RunServices } from './services.ts'

/** Only what an agent or the run's own gates do needs a place; who waits or lands leaves it to others. */
function needsPlace({ kind }: Effect): boolean {
  return kind !== 'wait' && kind !== 'land' && kind !== 'rest'
}

/** Returns without a place where a signal ends the wait: the effect then ends for the same reason. */
export async function holdPlace(
  services: Pick<RunServices, 'places' | 'journal'>,
  { run, effect, signals }: { readonly run: RunId; readonly effect: Effect; readonly signals: readonly AbortSignal[] },
): Promise<void> {
  const { places, journal } = services
  if (!needsPlace(effect)) return places.give(run)
  const signal = AbortSignal.any([...signals])
  if (signal.aborted || places.tryTake(run)) return
  await journal.notice(run, 'it goes on when another run leaves its place (`concurrency` in harness/harness.yaml)')
  await places.take(run, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
