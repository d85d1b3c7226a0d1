import { RunId } from '@coxswain/model'
import type { EventListResponse } from '@coxswain/protocol'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { DaemonContext } from './daemon-context.ts'
import { parseValue } from './parse-body.ts'

const Query = z.object({
  after: z.coerce.number().int().min(0).default(0),
  run: RunId.optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
})

export function eventRoutes({ store, connections, stopping }: DaemonContext): Hono {
  const app = new Hono()
  app.get('/events', async (request) => {
    const { after, run, limit } = parseValue(request.req.query(), Query)
    return request.json({
      events: [...(await store.events.list({ after, limit, ...(run === undefined ? {} : { run }) }))],
    } satisfies EventListResponse)
  })
  app.get('/events/stream', (request) => {
    const { after, run } = parseValue(request.req.query(), Query)
    const resumeAt = Number(request.req.header('last-event-id') ?? after)
    return streamSSE(request, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      connections.opened()
      try {
        const signal = AbortSignal.any([left.signal, stopping])
        for await (const event of store.events.follow({ after: resumeAt, signal, ...(run === undefined ? {} : { run }) })) {
          await stream.writeSSE({ id: String(event.seq), event: 'event', data: JSON.stringify(event) })
        }
      } finally {
        connections.closed()
      }
    })
  })
  return app
}
