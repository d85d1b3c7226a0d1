import { z } from 'zod'

/** Limits that stop work. Null is no limit. */
export const Budget = z.object({
  tokens: z.number().int().positive().nullable(),
  usd: z.number().positive().nullable(),
  /** Milliseconds of wall clock while the run is active; waiting for a person does not count. */
  timeMs: z.number().int().positive().nullable(),
})
export type Budget = z.infer<typeof Budget>
