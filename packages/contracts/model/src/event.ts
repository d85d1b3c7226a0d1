import { z } from 'zod'
import { RunId, TaskId } from './ids.ts'

/** An event as it is kept and sent, of whatever version: `knownEvent` tells what it says. Names: `noun-verb`; of agents' events: `agent-<type>`. */
export const StoredEvent = z.object({
  /** Grows by one in the whole repository: the cursor of live streams. */
  seq: z.number().int(),
  at: z.number(),
  task: TaskId.nullable(),
  run: RunId.nullable(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** Of the shape of its data. */
  version: z.number().int().default(1),
})
export type StoredEvent = z.infer<typeof StoredEvent>
