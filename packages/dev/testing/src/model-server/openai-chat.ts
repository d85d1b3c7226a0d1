import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { pieces, type Answer, type StreamEvent, type WireFailure } from './answer.ts'
import type { ConversationEntry } from './conversation.ts'
import type { ModelFailure, ModelTool, ModelUsage } from './script.ts'
import type { Vendor, VendorRequest } from './vendor.ts'

/** OpenAI's Chat Completions API as opencode speaks it. */
export const openaiChat: Vendor = {
  name: 'openai-chat',
  endOfStream: '[DONE]',
  matches: (path) => path.endsWith('/chat/completions'),
  readRequest,
  toolCalls,
  stream,
  document: (answer) => ({
    ...chunkBase(answer, 'chat.completion'),
    choices: [documentChoice(answer)],
    usage: wireUsage(answer.usage),
  }),
  failure: wireFailure,
  rateLimitHeaders: () => ({}),
}

const content = z.union([z.string(), z.null(), z.array(z.looseObject({ text: z.string().optional() }))])
const chatMessage = z.looseObject({
  role: z.string(),
  content: content.optional(),
  tool_call_id: z.string().optional(),
  tool_calls: z.array(z.unknown()).optional(),
})
const requestBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(chatMessage),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
})

function readRequest(body: unknown): VendorRequest {
  const request = requestBody.parse(body)
  const system = request.messages.filter((one) => one.role === 'system').map((one) => textOf(one.content))
  return {
    model: request.model,
    streaming: request.stream ?? false,
    entries: request.messages.flatMap((one) => entriesOf(one)),
    toolNames: (request.tools ?? []).map((tool) => tool.function.name),
    instructions: system.join('\n'),
    workingDirectory: /working directory: (\S[^\n]*)/i.exec(system.join('\n'))?.[1]?.trim() ?? null,
  }
}

function textOf(value: z.infer<typeof content> | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).map((part) => part.text ?? '').join('\n')
}

function entriesOf(one: z.infer<typeof chatMessage>): ConversationEntry[] {
  const text = textOf(one.content)
  if (one.role === 'tool') return [{ kind: 'result', callId: one.tool_call_id ?? null, text }]
  if (one.role === 'user') return [{ kind: 'user', text }]
  if (one.role !== 'assistant') return []
  return [
    ...(text === '' ? [] : [{ kind: 'answer' as const, text }]),
    ...(one.tool_calls ?? []).map(() => ({ kind: 'call' as const })),
  ]
}

function toolCalls(tool: ModelTool, request: VendorRequest): { name: string; input: unknown }[] {
  if (tool.kind === 'raw') return [{ name: tool.name, input: tool.input }]
  if (tool.kind === 'command') return [{ name: 'bash', input: { command: tool.command, description: 'Scripted command' } }]
  const filePath = isAbsolute(tool.path) ? tool.path : join(request.workingDirectory ?? '/', tool.path)
  if (tool.kind === 'write') return [{ name: 'write', input: { filePath, content: tool.content } }]
  return [
    { name: 'read', input: { filePath } },
    { name: 'edit', input: { filePath, oldString: tool.old, newString: tool.new } },
  ]
}

function stream(answer: Answer): StreamEvent[] {
  const base = chunkBase(answer, 'chat.completion.chunk')
  const chunk = (delta: object, finish: string | null): StreamEvent => ({
    data: { ...base, choices: [{ index: 0, delta, finish_reason: finish }] },
  })
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...pieces(answer.text).map((text) => chunk({ content: text }, null)),
    ...answer.calls.map((call, index) => chunk({ tool_calls: [{ index, ...wireCall(call) }] }, null)),
    chunk({}, finishReason(answer)),
    { data: { ...base, choices: [], usage: wireUsage(answer.usage) } },
  ]
}

function chunkBase(answer: Answer, object: string): object {
  return { id: `chatcmpl-${crypto.randomUUID()}`, object, created: 0, model: answer.model }
}

function documentChoice(answer: Answer): object {
  const toolCallList = answer.calls.map((call) => wireCall(call))
  const calls = toolCallList.length === 0 ? {} : { tool_calls: toolCallList }
  return { index: 0, finish_reason: finishReason(answer), message: { role: 'assistant', content: answer.text, ...calls } }
}

function wireCall(call: Answer['calls'][number]): object {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } }
}

function finishReason(answer: Answer): string {
  if (answer.end === 'output-limit') return 'length'
  if (answer.end === 'refusal') return 'content_filter'
  return answer.calls.length > 0 ? 'tool_calls' : 'stop'
}

function wireUsage(usage: ModelUsage): object {
  const prompt = usage.input + usage.cachedInput + usage.cacheWrite
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cachedInput },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }
}

function wireFailure(failure: ModelFailure): WireFailure | null {
  switch (failure) {
    case 'unauthorized':
      return httpError(401, 'invalid_api_key', 'Incorrect API key provided.')
    case 'rate-limited':
      return httpError(429, 'rate_limit_exceeded', 'Rate limit reached for requests.')
    case 'usage-limit':
    case 'quota':
      return httpError(429, 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.')
    case 'overloaded':
      return httpError(503, 'server_is_overloaded', 'The server is overloaded.')
    case 'server-error':
      return httpError(500, 'server_error', 'The server had an error while processing your request.')
    case 'bad-request':
      return httpError(400, 'invalid_value', "Invalid value for 'temperature'.")
    case 'model-not-found':
      return httpError(404, 'model_not_found', 'The model does not exist.')
    case 'context-overflow':
      return httpError(400, 'context_length_exceeded', "This model's maximum context length is 128000 tokens.")
    case 'output-limit':
    case 'refusal':
      return { end: failure }
    default:
      return null
  }
}

function httpError(status: number, code: string, message: string): WireFailure {
  return { http: { status, body: { error: { type: 'invalid_request_error', code, message, param: null } } } }
}
