import { CoxError } from '@coxswain/kernel'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { DaemonContext } from './daemon-context.ts'

/** Held open by a command for as long as it may ask something: its silence meanwhile is not taken for its leaving. */
export function presenceRoutes({ connections, stopping }: DaemonContext): Hono {
  const app = new Hono()
  app.get('/presence', (request) => {
    if (connections.isOver || stopping.aborted)
      throw new CoxError('DAEMON_UNREACHABLE', 'The daemon is ending', { hint: 'Run the same command again.' })
    return streamSSE(request, async (stream) => {
      const left = Promise.withResolvers<void>()
      stream.onAbort(left.resolve)
      stopping.addEventListener('abort', () => left.resolve(), { once: true })
      connections.opened()
      try {
        await stream.write(': present\n\n')
        await left.promise
      } finally {
        connections.closed()
      }
    })
  })
  return app
}
