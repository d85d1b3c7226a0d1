import { z } from 'zod'
import { RunId, TaskId } from './ids.ts'

/** Names of stored events: `noun-verb`. Agent events are stored as `agent-<type>`. */
export const StoredEvent = z.object({
  /** Grows by one in the whole repository: the cursor of live streams. */
  seq: z.number().int(),
  at: z.number(),
  task: TaskId.nullable(),
  run: RunId.nullable(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
})
export type StoredEvent = z.infer<typeof StoredEvent>
