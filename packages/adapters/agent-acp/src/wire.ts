import { z } from 'zod'

/*
 * What we read of the protocol. Tolerant: programs send more than the standard knows, and a field that is not
 * as expected must not cost a turn. Sources: ACP v1, its unstable schema (usage), the AIR extensions (session failures, steering).
 */
const meta = z.record(z.string(), z.unknown()).nullish().catch(null)
const count = z.number().nonnegative().nullish().catch(null)

export const initializeAnswer = z.looseObject({
  protocolVersion: z.number(),
  agentCapabilities: z
    .looseObject({
      loadSession: z.boolean().nullish(),
      sessionCapabilities: z.looseObject({ resume: z.unknown(), close: z.unknown() }).partial().nullish(),
    })
    .nullish()
    .catch(null),
  authMethods: z
    .array(z.looseObject({ id: z.string(), name: z.string().nullish() }))
    .nullish()
    .catch(null),
  agentInfo: z.looseObject({ name: z.string().nullish(), version: z.string().nullish() }).nullish().catch(null),
  _meta: meta,
})
export type InitializeAnswer = z.infer<typeof initializeAnswer>

const selectOption = z.looseObject({ value: z.string() })
const configOption = z.looseObject({
  id: z.string(),
  type: z.string(),
  category: z.string().nullish(),
  options: z.array(z.union([selectOption, z.looseObject({ options: z.array(selectOption) })])).nullish(),
})

export const openAnswer = z
  .looseObject({
    sessionId: z.string().nullish(),
    modes: z
      .looseObject({ currentModeId: z.string(), availableModes: z.array(z.looseObject({ id: z.string() })) })
      .nullish()
      .catch(null),
    /** Before config options, models had a state of their own. */
    models: z
      .looseObject({ currentModelId: z.string(), availableModels: z.array(z.looseObject({ modelId: z.string() })) })
      .nullish()
      .catch(null),
    configOptions: z.array(configOption).nullish().catch(null),
  })
  .nullish()
  .transform((value) => value ?? {})
export type OpenAnswer = z.infer<typeof openAnswer>

const usage = z.looseObject({
  inputTokens: count,
  outputTokens: count,
  thoughtTokens: count,
  cachedReadTokens: count,
  cachedWriteTokens: count,
})
export type WireUsage = z.infer<typeof usage>

const tokenCount = z.looseObject({ input_tokens: count, output_tokens: count })
export const quotaMeta = z.looseObject({
  quota: z.looseObject({
    token_count: tokenCount.nullish().catch(null),
    model_usage: z
      .array(z.looseObject({ model: z.string() }))
      .nullish()
      .catch(null),
  }),
})

export const sessionFailureMeta = z.looseObject({
  jetbrains: z.looseObject({
    air: z.looseObject({
      sessionFailure: z.looseObject({
        category: z.string().nullish(),
        severity: z.string().nullish(),
        title: z.string().nullish(),
      }),
    }),
  }),
})

export const steeringMeta = z.looseObject({ steering: z.looseObject({ supported: z.literal(true) }) })

export const promptAnswer = z.looseObject({ stopReason: z.string(), usage: usage.nullish().catch(null), _meta: meta })
export type PromptAnswer = z.infer<typeof promptAnswer>

const textBlock = z.looseObject({ type: z.string(), text: z.string().nullish() }).catch({ type: 'other' })

const toolContent = z
  .looseObject({ type: z.string(), content: textBlock.nullish(), path: z.string().nullish() })
  .catch({ type: 'other' })

const toolCall = z.looseObject({
  toolCallId: z.string(),
  title: z.string().nullish().catch(null),
  kind: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
  content: z.array(toolContent).nullish().catch(null),
  locations: z
    .array(z.looseObject({ path: z.string() }))
    .nullish()
    .catch(null),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
  _meta: meta,
})
export type WireToolCall = z.infer<typeof toolCall>

const plan = z.array(z.looseObject({ content: z.string(), status: z.string() }))

export const sessionUpdate = z.discriminatedUnion('sessionUpdate', [
  z.looseObject({
    sessionUpdate: z.literal('agent_message_chunk'),
    content: textBlock,
    messageId: z.string().nullish().catch(null),
  }),
  toolCall.extend({ sessionUpdate: z.literal('tool_call') }),
  toolCall.extend({ sessionUpdate: z.literal('tool_call_update') }),
  z.looseObject({ sessionUpdate: z.literal('plan'), entries: plan }),
  z.looseObject({
    sessionUpdate: z.literal('usage_update'),
    used: count,
    size: count,
    cost: z.looseObject({ amount: z.number(), currency: z.string() }).nullish().catch(null),
  }),
])
export type SessionUpdate = z.infer<typeof sessionUpdate>

export const updateNotification = z.looseObject({ sessionId: z.string(), update: z.unknown().optional() })

export const permissionRequest = z.looseObject({
  toolCall,
  options: z.array(z.looseObject({ optionId: z.string(), kind: z.string() })),
})
export type PermissionRequest = z.infer<typeof permissionRequest>
