import { isAtRest, type StoredEvent } from '@coxswain/model'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { connect } from '../connect.ts'
import { renderEvent } from '@coxswain/terminal'
import { whileDaemonRuns } from '../while-daemon-runs.ts'
import { parseRunId } from './show-handler.ts'

export async function showLogs(this: CliContext, flags: CommonFlags & { readonly follow?: boolean }, id: string): Promise<void> {
  const { process } = this
  const print = (event: StoredEvent): void => {
    const line = flags.json ? JSON.stringify(event) : renderEvent(event)
    if (line !== null) process.stdout.write(`${line}\n`)
  }
  await present(this, flags, async () => {
    const run = parseRunId(id)
    await using connection = await connect(flags.directory, { isReading: true })
    const { client } = connection
    await client.getRun(run) // one that does not exist is told
    const leave = new AbortController()
    const onInterrupt = (): void => leave.abort()
    process.on('SIGINT', onInterrupt)
    try {
      let after = 0
      for (;;) {
        const { events } = await client.listEvents({ run, after, limit: 2_000 })
        events.forEach(print)
        after = events.at(-1)?.seq ?? after
        if (events.length < 2_000) break
      }
      if (!flags.follow || isAtRest((await client.getRun(run)).run.state)) return { json: undefined, text: '' }
      await whileDaemonRuns(run, async () => {
        for await (const event of client.followEvents({ after, run, signal: leave.signal })) {
          print(event)
          if (typeof event.data['to'] === 'string' && isAtRest((await client.getRun(run)).run.state)) break
        }
      })
      return { json: undefined, text: '' }
    } finally {
      process.off('SIGINT', onInterrupt)
    }
  })
}
