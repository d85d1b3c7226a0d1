import { z } from 'zod'

/** A proof that a tree must pass: a command judged by its exit code alone. */
export const Gate = z.object({
  name: z.string(),
  command: z.array(z.string()).min(1),
  timeoutMs: z.number().int().positive(),
  /** Paths of sockets that it may connect to, such as Docker's. */
  sockets: z.array(z.string()).optional(),
  network: z.enum(['full', 'proxied', 'none']),
})
export type Gate = z.infer<typeof Gate>

export const gateVerdicts = ['passed', 'failed', 'timed-out', 'killed', 'not-startable'] as const

export const GateResult = z.object({
  gate: z.string(),
  verdict: z.enum(gateVerdicts),
  exitCode: z.number().int().nullable(),
  wallMs: z.number(),
  /** The part of it that the clean tree took: readied and verified before, thrown away after. Absent where an earlier life readied it. */
  treeMs: z.object({ ready: z.number(), drop: z.number() }).optional(),
  /** The shortest useful part of the output, redacted. */
  excerpt: z.string(),
  /** The whole output, on this machine. */
  logFile: z.string(),
  /** The tree that was judged. */
  tree: z.string(),
  /** What stands in the way besides the change, in words for a person. */
  cause: z.string().optional(),
  /** The verdict is an earlier one: this tree had passed this gate before. */
  isReused: z.boolean().optional(),
})
export type GateResult = z.infer<typeof GateResult>
