import { z } from 'zod'
import { RunId } from './ids.ts'

/** What a person may tell a run. Each is kept, and counted for or against the harness. */
export const interventionKinds = ['say', 'pause', 'resume', 'cancel', 'rework', 'approve'] as const

export const Intervention = z.object({
  id: z.number().int(),
  run: RunId,
  kind: z.enum(interventionKinds),
  text: z.string(),
  at: z.number(),
})
export type Intervention = z.infer<typeof Intervention>
