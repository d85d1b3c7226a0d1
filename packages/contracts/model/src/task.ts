import { z } from 'zod'
import { Budget } from './budget.ts'
import { TaskId } from './ids.ts'

export const taskStates = ['queued', 'active', 'done', 'cancelled'] as const

/** A piece of work somebody wants. `text` is untrusted: shown and prompted with its origin, never executed. */
export const Task = z.object({
  id: TaskId,
  text: z.string(),
  title: z.string(),
  /** Lower runs first. */
  priority: z.number().int(),
  /** Folder inside the repository that the work belongs to; null for the whole repository. */
  package: z.string().nullable(),
  /** Overrides the configured agent. */
  agent: z.string().nullable(),
  budget: Budget,
  /** A person allowed this task to land without a further question. */
  mayLand: z.boolean(),
  state: z.enum(taskStates),
  /** `cli`, `file:<path>`, `finding:<rule>` … */
  origin: z.string(),
  createdAt: z.number(),
})
export type Task = z.infer<typeof Task>
