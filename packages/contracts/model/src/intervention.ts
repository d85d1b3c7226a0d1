import { z } from 'zod'
import { Actor } from './actor.ts'
import { Budget } from './budget.ts'
import { RunId } from './ids.ts'

/** What a person may tell a run. Each is kept, and counted for or against the harness. */
export const interventionKinds = ['say', 'pause', 'resume', 'cancel', 'rework', 'approve'] as const

export const Intervention = z.object({
  id: z.number().int(),
  run: RunId,
  kind: z.enum(interventionKinds),
  text: z.string(),
  at: z.number(),
  /** Null where an older version wrote it down. */
  actor: Actor.nullable(),
  /** New limits of the run as a whole, with `resume`. */
  budget: Budget.partial().nullable(),
})
export type Intervention = z.infer<typeof Intervention>
