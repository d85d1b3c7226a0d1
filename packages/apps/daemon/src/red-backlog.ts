import { errorMessage, type Logger } from '@coxswain/kernel'
import type { Run } from '@coxswain/model'
import { applyIntervention, greenTip, type RunServices } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import { loadProgress, toPatch } from './run-journal.ts'

/** Runs that a red branch stopped. */
export interface RedBacklog {
  /** Lets them go on if the gates are known to pass on the branch as it is now: whoever comes to know that calls it. */
  look(): void
  stop(): Promise<void>
}

interface RedBacklogOptions {
  readonly store: Store
  readonly services: RunServices
  readonly onQueued: () => void
  readonly logger: Logger
}

/** What passed is in the store: a look that a crash kept from happening is made up for by the next one. */
export function createRedBacklog(options: RedBacklogOptions): RedBacklog {
  let looking: Promise<void> | null = null
  const asked = { isWanted: false, isStopped: false }
  const lookAll = async (): Promise<void> => {
    while (asked.isWanted && !asked.isStopped) {
      asked.isWanted = false
      await goOn(options).catch((error: unknown) =>
        options.logger.warn('runs of a red branch were not looked at', { error: errorMessage(error) }),
      )
    }
    looking = null
  }
  return {
    look: () => {
      asked.isWanted = true
      looking ??= lookAll()
    },
    stop: async () => {
      asked.isStopped = true
      await looking
    },
  }
}

async function goOn(options: RedBacklogOptions): Promise<void> {
  const blocked = (await options.store.runs.list({ states: ['blocked'] })).filter(({ outcome }) => outcome === 'base-red')
  const tips = new Map<string | null, string | null>()
  for (const run of blocked) {
    if (!tips.has(run.target)) tips.set(run.target, await greenTip(run, options.services))
    const green = tips.get(run.target) ?? null
    if (green !== null) await resume(run, green, options)
  }
}

/** As a person's `cox resume` would, but nobody's word: it counts as no intervention. */
async function resume(run: Run, green: string, { store, onQueued }: RedBacklogOptions): Promise<void> {
  const hasWords = (await store.interventions.pending(run.id)).some(({ kind }) => kind === 'say')
  const before = await loadProgress(store, run)
  if (before.outcome !== 'base-red') return
  const result = applyIntervention(before, { kind: 'resume', text: '' }, { hasWords })
  if (result.kind !== 'applied') return
  const moved = await store.runs.transition({
    run: run.id,
    from: ['blocked'],
    to: result.progress.state,
    patch: toPatch(result.progress),
    progress: result.progress,
    event: { name: 'branch-green', data: { from: 'blocked', to: result.progress.state, commit: green } },
    key: `${run.id}/${before.leg}/branch-green`,
  })
  if (moved.kind === 'moved') onQueued()
}
