import { CoxError, minutes, sleep } from '@coxswain/kernel'
import { streamSSE } from 'hono/streaming'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'

/** Clients give up an answer of which they hear nothing for five minutes. */
const beat = minutes(1)

/** Held open by a command for as long as it may ask something: its silence meanwhile is not taken for its leaving. */
export function presenceRoutes({ on }: Door, { connections, stopping }: DaemonContext): void {
  on('GET /v1/presence', (request) => {
    if (connections.isOver || stopping.aborted)
      throw new CoxError('DAEMON_UNREACHABLE', 'The daemon is ending', { hint: 'Run the same command again.' })
    return streamSSE(request, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      const signal = AbortSignal.any([left.signal, stopping])
      connections.arrive()
      try {
        while (!signal.aborted) {
          await stream.write(': present\n\n')
          await sleep(beat, signal).catch(() => {}) // it left, or we do
        }
      } finally {
        connections.depart()
      }
    })
  })
}
