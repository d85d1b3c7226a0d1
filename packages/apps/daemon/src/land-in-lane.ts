import { raiseFence, systemClock, type Repository } from '@coxswain/host'
import { isCoxError } from '@coxswain/kernel'
import { landChange } from '@coxswain/landing'
import type { LandRequest, RunServices } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import type { Holding } from './holdings.ts'

/** One landing at a time among all workers: the lane is a lease, which its holder gives up before another one can have it. */
export async function landInLane(
  request: LandRequest,
  holding: Holding | null,
  { store, repository }: { readonly store: Store; readonly repository: Repository },
): ReturnType<RunServices['land']> {
  const at = Math.floor(systemClock.now() / 1000)
  for (;;) {
    try {
      return await store.lanes.within(
        'landing',
        async (lane) => {
          const fence = await raiseFence(repository.git, lane)
          const confirm = async (): Promise<void> => {
            holding?.check()
            await lane.confirm(holding?.claim ?? null)
          }
          return landChange(request, {
            repository,
            branch: request.target,
            at,
            signal: lane.signal,
            check: request.check,
            fence,
            confirm,
          })
        },
        request.signal,
      )
    } catch (error) {
      // What the landing had done by then is found.
      if (!isCoxError(error, 'LANE_LOST')) throw error
    }
  }
}
