import { RunId, TaskId } from '@coxswain/model'
import type { EventListResponse } from '@coxswain/protocol'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { parseValue } from './parse-body.ts'

const Position = z.coerce.number().int().min(0)

const Query = z.object({
  after: Position.default(0),
  before: Position.optional(),
  run: RunId.optional(),
  task: TaskId.optional(),
  /** Separated by commas. */
  names: z
    .string()
    .transform((names) => names.split(','))
    .optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
})

export function eventRoutes({ on }: Door, { store, connections, stopping }: DaemonContext): void {
  on('GET /v1/events', async (request) => {
    const filter = Object.entries(parseValue(request.req.query(), Query)).filter(([, value]) => value !== undefined)
    return request.json({ events: [...(await store.events.list(Object.fromEntries(filter)))] } satisfies EventListResponse)
  })
  on('GET /v1/events/stream', (request) => {
    const { after, run } = parseValue(request.req.query(), Query)
    const resumeAt = parseValue(request.req.header('last-event-id') ?? after, Position)
    const isCounted = request.get('actor').kind !== 'run'
    return streamSSE(request, async (stream) => {
      const left = new AbortController()
      stream.onAbort(() => left.abort())
      if (isCounted) connections.opened()
      try {
        const signal = AbortSignal.any([left.signal, stopping])
        for await (const event of store.events.follow({ after: resumeAt, signal, ...(run === undefined ? {} : { run }) })) {
          await stream.writeSSE({ id: String(event.seq), event: 'event', data: JSON.stringify(event) })
        }
      } finally {
        if (isCounted) connections.closed()
      }
    })
  })
}
