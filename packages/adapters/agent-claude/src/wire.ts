import { z } from 'zod'

/*
 * The part of Claude Code's stream-json protocol that we read, tolerant of what else it says. Measured on 2.1.330:
 * the wire has no published schema.
 */

const count = z
  .number()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? 0)

export const apiUsageSchema = z.object({
  input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  output_tokens: count,
})

const modelUsageSchema = z.record(
  z.string(),
  z.object({
    inputTokens: count,
    outputTokens: count,
    cacheReadInputTokens: count,
    cacheCreationInputTokens: count,
    thinkingTokens: count,
    costUSD: count,
    contextWindow: z.number().nullish(),
  }),
)
export type ModelUsage = z.infer<typeof modelUsageSchema>

const blockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    is_error: z.boolean().nullish(),
    content: z.unknown().optional(),
  }),
])
export type Block = z.infer<typeof blockSchema>

/** Blocks of kinds that we do not know are left out. */
const blocksSchema = z.union([z.string(), z.array(z.unknown())]).transform((content): Block[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : content.flatMap((block) => {
        const parsed = blockSchema.safeParse(block)
        return parsed.success ? [parsed.data] : []
      }),
)

const ofParent = { parent_tool_use_id: z.string().nullish() }

export const initSchema = z.object({ session_id: z.string(), model: z.string().nullish() })

export const retrySchema = z.object({
  attempt: z.number().nullish(),
  max_retries: z.number().nullish(),
  error_status: z.number().nullish(),
  error: z.string().nullish(),
})
export type ApiRetry = z.infer<typeof retrySchema>

export const lifecycleSchema = z.object({ command_uuid: z.string(), state: z.string() })

export const streamEventSchema = z.object({
  ...ofParent,
  event: z.object({
    type: z.string(),
    message: z.object({ model: z.string().nullish(), usage: apiUsageSchema.nullish() }).nullish(),
    delta: z.object({ type: z.string().nullish(), text: z.string().nullish() }).nullish(),
    usage: z.object({ output_tokens: count }).nullish(),
  }),
})

export const assistantSchema = z.object({
  ...ofParent,
  message: z.object({ model: z.string().nullish(), content: blocksSchema }),
  error: z.string().nullish(),
  is_api_error_message: z.boolean().nullish(),
})

export const userSchema = z.object({
  ...ofParent,
  message: z.object({ content: blocksSchema }),
  tool_result_meta: z
    .array(z.object({ id: z.string(), permission_decision: z.object({ decision: z.string() }).nullish() }))
    .nullish(),
})

export const resultSchema = z.object({
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().nullish(),
  errors: z.array(z.string()).nullish(),
  terminal_reason: z.string().nullish(),
  stop_reason: z.string().nullish(),
  api_error_status: z.number().nullish(),
  user_message_uuid: z.string().nullish(),
  usage: apiUsageSchema.nullish(),
  model_usage_since_last_result: modelUsageSchema.nullish(),
})
export type ClaudeResult = z.infer<typeof resultSchema>

const windowSchema = z.object({ utilization: z.number().nullish(), resetsAt: z.number().nullish() })
export const rateLimitSchema = z.object({
  rate_limit_info: windowSchema.extend({
    status: z.string(),
    rateLimitType: z.string().nullish(),
    unifiedWindows: z.record(z.string(), windowSchema.nullish()).nullish(),
  }),
})
export type RateLimitInfo = z.infer<typeof rateLimitSchema>['rate_limit_info']

export const controlRequestSchema = z.object({
  request_id: z.string(),
  request: z.object({
    subtype: z.string(),
    tool_name: z.string().nullish(),
    description: z.string().nullish(),
    input: z.record(z.string(), z.unknown()).nullish(),
  }),
})
export type ControlRequest = z.infer<typeof controlRequestSchema>

export const controlCancelSchema = z.object({ request_id: z.string() })

export const controlResponseSchema = z.object({
  response: z.object({ subtype: z.string(), request_id: z.string(), error: z.string().nullish() }),
})
