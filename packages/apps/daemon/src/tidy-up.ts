import { join } from 'node:path'
import { stopDetachedBelow } from '@coxswain/host'
import { isAtRest, type RunId } from '@coxswain/model'
import type { RunServices, WorktreePool } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import type { Gates } from '@coxswain/gates'

interface Leftovers {
  readonly store: Store
  readonly pool: WorktreePool
  readonly services: Pick<RunServices, 'runsDir'> & { readonly gates: Gates }
}

/** What earlier lives left behind: worktrees of runs at rest, processes of runs that nobody works on. */
export async function tidyUp({ store, pool, services }: Leftovers): Promise<void> {
  const runs = await store.runs.list()
  const going = new Set<RunId>(runs.filter((run) => !isAtRest(run.state)).map((run) => run.id))
  for (const run of runs) if (!going.has(run.id)) await stopDetachedBelow(`${services.runsDir}/${run.id}`)
  await pool.releaseAllExcept(going)
  await services.gates.tidy(runs.filter((run) => !going.has(run.id)).map((run) => join(services.runsDir, run.id)))
}
