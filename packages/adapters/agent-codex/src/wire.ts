import { z } from 'zod'

/*
 * The part of codex's app-server protocol that we read, tolerant of what else it says.
 * Source: `codex app-server generate-ts` of 0.169.0.
 */

const statusWord = z.enum(['inProgress', 'completed', 'failed', 'declined'])

export const itemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agentMessage'), id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('commandExecution'),
    id: z.string(),
    command: z.string(),
    status: statusWord,
    aggregatedOutput: z.string().nullish(),
    exitCode: z.number().nullish(),
  }),
  z.object({
    type: z.literal('fileChange'),
    id: z.string(),
    status: statusWord,
    changes: z.array(z.object({ path: z.string(), diff: z.string() })),
  }),
  z.object({ type: z.literal('mcpToolCall'), id: z.string(), server: z.string(), tool: z.string(), status: z.string() }),
  z.object({ type: z.literal('webSearch'), id: z.string(), query: z.string().nullish() }),
])
export type CodexItem = z.infer<typeof itemSchema>

const errorSchema = z.object({
  message: z.string(),
  codexErrorInfo: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  additionalDetails: z.string().nullish(),
})
export type CodexError = z.infer<typeof errorSchema>

const turnSchema = z.object({
  id: z.string(),
  status: z.enum(['completed', 'interrupted', 'failed', 'inProgress']),
  error: errorSchema.nullish(),
})

const count = z.number().nonnegative().default(0)
const tokensSchema = z.object({
  totalTokens: count,
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteInputTokens: count,
  outputTokens: count,
  reasoningOutputTokens: count,
})
export type CodexTokens = z.infer<typeof tokensSchema>

const windowSchema = z
  .object({ usedPercent: z.number(), windowDurationMins: z.number().nullish(), resetsAt: z.number().nullish() })
  .nullish()

const ofTurn = { turnId: z.string() }

/** Notifications by method; what is not here is of no interest. */
export const notificationSchemas = {
  'turn/started': z.object({ turn: turnSchema }),
  'turn/completed': z.object({ turn: turnSchema }),
  'item/started': z.object({ ...ofTurn, item: z.unknown() }),
  'item/completed': z.object({ ...ofTurn, item: z.unknown() }),
  'item/agentMessage/delta': z.object({ ...ofTurn, itemId: z.string(), delta: z.string() }),
  'turn/diff/updated': z.object({ ...ofTurn, diff: z.string() }),
  'turn/plan/updated': z.object({
    ...ofTurn,
    plan: z.array(z.object({ step: z.string(), status: z.enum(['pending', 'inProgress', 'completed']) })),
  }),
  'thread/tokenUsage/updated': z.object({
    ...ofTurn,
    tokenUsage: z.object({ total: tokensSchema, last: tokensSchema, modelContextWindow: z.number().nullish() }),
  }),
  'account/rateLimits/updated': z.object({ rateLimits: z.object({ primary: windowSchema, secondary: windowSchema }) }),
  error: z.object({ ...ofTurn, error: errorSchema, willRetry: z.boolean() }),
  warning: z.object({ message: z.string() }),
  'model/rerouted': z.object({ ...ofTurn, toModel: z.string() }),
} as const

export type CodexNotifications = { [K in keyof typeof notificationSchemas]: z.infer<(typeof notificationSchemas)[K]> }

export const resolvedRequestSchema = z.object({ requestId: z.union([z.string(), z.number()]) })
export const threadAnswerSchema = z.object({ thread: z.object({ id: z.string() }), model: z.string().nullish() })
export const turnAnswerSchema = z.object({ turn: turnSchema })

export const approvalSchema = z.object({
  itemId: z.string().nullish(),
  reason: z.string().nullish(),
  command: z.string().nullish(),
  permissions: z.unknown().optional(),
  questions: z.array(z.looseObject({ question: z.string().nullish() })).nullish(),
})
