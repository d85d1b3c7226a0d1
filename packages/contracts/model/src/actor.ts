import { z } from 'zod'
import { RunId } from './ids.ts'

/** Who asks something of us: a person of this machine, a worker of ours, or the agent of one run. */
export const Actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), name: z.string() }),
  z.object({ kind: z.literal('worker'), name: z.string() }),
  z.object({ kind: z.literal('run'), run: RunId }),
])
export type Actor = z.infer<typeof Actor>
