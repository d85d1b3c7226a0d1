import { isCoxError, mapLimit } from '@coxswain/kernel'
import { isAtRest, type Run, type RunId } from '@coxswain/model'
import type { Client } from '@coxswain/sdk'
import type { CliContext } from './cli-context.ts'
import { endSignals, type HeldSignals } from './hold-signals.ts'
import { renderEvent } from '@coxswain/terminal'
import { whileDaemonRuns } from './while-daemon-runs.ts'

interface Following {
  /** A Ctrl-C that came since before the runs were set going counts as one that comes now. */
  readonly held: HeldSignals
  /** Events up to here are old. */
  readonly after: number
  readonly isQuiet: boolean
}

export interface FollowedRun extends Following {
  readonly run: Run
}

export interface FollowedRuns extends Following {
  readonly runs: readonly RunId[]
  /** Whether the runs go on without us: then a Ctrl-C only leaves them. */
  readonly isStanding: boolean
}

/** Shows a run's events on stderr until it is at rest. Ctrl-C (or being ended) pauses it, a second one leaves it to itself. @throws CoxError DAEMON_STOPPED */
export async function followRun(context: CliContext, client: Client, { run, ...following }: FollowedRun): Promise<Run> {
  const [end] = await followRuns(context, client, { ...following, runs: [run.id], isStanding: false })
  return end ?? run
}

/** The same of several, each until it is at rest; the answer is in the order of `runs`. @throws CoxError DAEMON_STOPPED */
export async function followRuns({ process }: CliContext, client: Client, followed: FollowedRuns): Promise<Run[]> {
  const { runs, isStanding, held } = followed
  const leave = new AbortController()
  const open = new Set(runs)
  let interrupts = 0
  const onInterrupt = (): void => {
    interrupts += 1
    if (interrupts > 1) return leave.abort()
    if (isStanding) {
      process.stderr.write('\nno longer followed; the daemon goes on with them: `cox status`\n')
      return leave.abort()
    }
    process.stderr.write(`\npausing ${[...open].join(', ')} … (again to leave at once)\n`)
    for (const run of open) void pause(client, run).catch(() => leave.abort())
  }
  for (const signal of endSignals) process.on(signal, onInterrupt)
  held[Symbol.dispose]()
  if (held.wasSent) onInterrupt()
  try {
    const [only] = runs
    return await whileDaemonRuns(only !== undefined && runs.length === 1 ? only : null, async () => {
      await showUntilRest({ process }, client, { ...followed, open, signal: leave.signal })
      return mapLimit(runs, 4, async (run) => (await client.getRun(run)).run)
    })
  } finally {
    for (const signal of endSignals) process.off(signal, onInterrupt)
  }
}

async function pause(client: Client, run: RunId): Promise<void> {
  try {
    await client.intervene(run, { kind: 'pause', text: 'Interrupted at the terminal.' })
  } catch (error) {
    // It came to rest in this very moment: its last event is on its way.
    if (!isCoxError(error, 'INTERVENTION_REFUSED')) throw error
  }
}

interface Watched extends FollowedRuns {
  /** Those not yet at rest: each leaves when it is. */
  readonly open: Set<RunId>
  readonly signal: AbortSignal
}

async function showUntilRest({ process }: CliContext, client: Client, watched: Watched): Promise<void> {
  const { runs, open, after, isQuiet, signal } = watched
  const [only] = runs
  const filter = only !== undefined && runs.length === 1 ? { run: only } : {}
  for await (const event of client.followEvents({ after, signal, ...filter })) {
    const { run } = event
    if (run === null || !open.has(run)) continue
    const line = isQuiet ? null : renderEvent(event)
    if (line !== null) process.stderr.write(`${line}\n`)
    if (typeof event.data['to'] !== 'string' || !isAtRest((await client.getRun(run)).run.state)) continue
    open.delete(run)
    if (open.size === 0) return
  }
}
