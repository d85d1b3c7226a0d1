import { isCoxError } from '@coxswain/kernel'
import { isAtRest, type Run } from '@coxswain/model'
import type { Client } from '@coxswain/sdk'
import type { CliContext } from './cli-context.ts'
import { renderEvent } from './render/render-event.ts'
import { whileDaemonRuns } from './while-daemon-runs.ts'

export interface FollowedRun {
  readonly run: Run
  /** Events up to here are old. */
  readonly after: number
  readonly isQuiet: boolean
}

/** Shows a run's events on stderr until it is at rest. Ctrl-C (or being ended) pauses it, a second one leaves it to itself. @throws CoxError DAEMON_STOPPED */
export async function followRun({ process }: CliContext, client: Client, { run, after, isQuiet }: FollowedRun): Promise<Run> {
  const leave = new AbortController()
  let interrupts = 0
  const onInterrupt = (): void => {
    interrupts += 1
    if (interrupts > 1) return leave.abort()
    process.stderr.write(`\npausing ${run.id} … (again to leave at once)\n`)
    client.intervene(run.id, { kind: 'pause', text: 'Interrupted at the terminal.' }).catch((error: unknown) => {
      // It came to rest in this very moment: its last event is on its way.
      if (!isCoxError(error, 'INTERVENTION_REFUSED')) leave.abort()
    })
  }
  const follow = async (): Promise<Run> => {
    for await (const event of client.followEvents({ after, run: run.id, signal: leave.signal })) {
      const line = isQuiet ? null : renderEvent(event)
      if (line !== null) process.stderr.write(`${line}\n`)
      const to = event.data['to']
      if (typeof to !== 'string') continue
      const now = (await client.getRun(run.id)).run
      if (isAtRest(now.state)) return now
    }
    return (await client.getRun(run.id)).run
  }
  for (const signal of endSignals) process.on(signal, onInterrupt)
  try {
    return await whileDaemonRuns(run.id, follow)
  } finally {
    for (const signal of endSignals) process.off(signal, onInterrupt)
  }
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
