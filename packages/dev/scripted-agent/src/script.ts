import { z } from 'zod'

/** Scenario name → turns → actions; README.md tells what each does. */
export type Script = Readonly<Record<string, readonly (readonly Action[])[]>>

export type Action = z.infer<typeof plainAction> | AskAction

export interface AskAction {
  readonly do: 'ask'
  readonly title: string
  /** Run when it is allowed. */
  readonly command?: readonly [string, ...string[]] | undefined
  readonly allowed?: readonly Action[] | undefined
  readonly declined?: readonly Action[] | undefined
}

const count = z.int().nonnegative()

const plainAction = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('say'), text: z.string() }),
  z.strictObject({ do: z.literal('think'), text: z.string() }),
  z.strictObject({
    do: z.literal('plan'),
    steps: z.array(z.strictObject({ text: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })),
  }),
  z.strictObject({ do: z.literal('write'), path: z.string(), content: z.string() }),
  z.strictObject({ do: z.literal('replace'), path: z.string(), old: z.string().min(1), new: z.string() }),
  z.strictObject({ do: z.literal('run'), command: z.tuple([z.string()], z.string()) }),
  z.strictObject({
    do: z.literal('usage'),
    input: count,
    output: count,
    cachedInput: count.optional(),
    cacheWrite: count.optional(),
    reasoning: count.optional(),
    costUsd: z.number().optional(),
    contextTokens: count.optional(),
    contextWindow: count.optional(),
  }),
  z.strictObject({ do: z.literal('sleep'), ms: count }),
  z.strictObject({ do: z.literal('silence') }),
  z.strictObject({ do: z.literal('wait'), for: z.string().regex(/^[\w-]+$/) }),
  z.strictObject({ do: z.literal('mark') }),
  z.strictObject({ do: z.literal('fail'), code: z.int(), message: z.string(), data: z.unknown().optional() }),
  z.strictObject({ do: z.literal('stop'), reason: z.enum(['refusal', 'max_tokens', 'max_turn_requests']) }),
  z.strictObject({ do: z.literal('exit'), code: count }),
  z.strictObject({ do: z.literal('ignore-cancel') }),
  z.strictObject({ do: z.literal('ignore-terminate') }),
  z.strictObject({ do: z.literal('linger') }),
  z.strictObject({ do: z.literal('garbage'), text: z.string().optional(), bytes: count.optional() }),
])

const askAction: z.ZodType<AskAction> = z.strictObject({
  do: z.literal('ask'),
  title: z.string(),
  command: z.tuple([z.string()], z.string()).optional(),
  get allowed() {
    return z.array(action).optional()
  },
  get declined() {
    return z.array(action).optional()
  },
})

const action: z.ZodType<Action> = z.union([plainAction, askAction])

const script = z.record(z.string(), z.array(z.array(action)))

export function parseScript(text: string): Script {
  return script.parse(JSON.parse(text))
}
