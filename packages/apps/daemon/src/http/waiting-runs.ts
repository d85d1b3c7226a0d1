import type { Run, RunId } from '@coxswain/model'
import type { StatusResponse } from '@coxswain/protocol'
import { loadProgress } from '../run-journal.ts'
import type { DaemonContext } from './daemon-context.ts'

interface Active {
  readonly active: readonly Run[]
  readonly suspended: readonly RunId[]
  /** Which budget of the day is used up. */
  readonly dayWarning: string | null
}

/** What each active run waits for, where it waits. Those of a stopped daemon wait for the next one, which `suspended` says. */
export async function waitingRuns(
  context: Pick<DaemonContext, 'store' | 'config' | 'scheduler'>,
  { active, suspended, dayWarning }: Active,
): Promise<StatusResponse['waits']> {
  const waits: StatusResponse['waits'] = []
  for (const run of active.filter(({ id }) => !suspended.includes(id))) {
    const reason = run.state === 'queued' ? whyQueued(context, { run, active, dayWarning }) : await whyWaiting(context, run)
    if (reason !== null) waits.push({ run: run.id, for: reason })
  }
  return waits
}

function whyQueued(
  { config, scheduler }: Pick<DaemonContext, 'config' | 'scheduler'>,
  { run, active, dayWarning }: Pick<Active, 'active' | 'dayWarning'> & { readonly run: Run },
): string {
  if (!scheduler.isWanted()) return '`cox up`'
  if (dayWarning !== null) return 'the budget of the next day'
  const limited = active.find(({ state, agent }) => state === 'waiting' && agent === run.agent)
  if (limited !== undefined) return `its agent, for which ${limited.id} waits too`
  const { concurrency } = config.current
  return `a place: ${concurrency} of ${concurrency} in use (\`concurrency\` in harness/harness.yaml)`
}

async function whyWaiting({ store }: Pick<DaemonContext, 'store'>, run: Run): Promise<string | null> {
  if (run.state !== 'waiting') return null
  const { next } = await loadProgress(store, run)
  return next.kind === 'wait' ? `the agent's limit or a retry, until ${new Date(next.untilMs).toISOString().slice(11, 19)}` : null
}
