import type { Run } from '@coxswain/model'
import type { DaemonContext } from './daemon-context.ts'

/** A run is stored as queued until its first step is done: its worktree may be set up, or its base judged, for minutes. */
export function shownRun(run: Run, { scheduler }: Pick<DaemonContext, 'scheduler'>): Run {
  return run.state === 'queued' && scheduler.live.has(run.id) ? { ...run, state: 'preparing' } : run
}

export async function shownRuns(context: Pick<DaemonContext, 'scheduler' | 'store'>): Promise<Run[]> {
  return (await context.store.runs.list()).map((run) => shownRun(run, context))
}
