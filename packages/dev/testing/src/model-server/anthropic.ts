import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { pieces, type Answer, type StreamEvent, type WireFailure } from './answer.ts'
import type { ConversationEntry } from './conversation.ts'
import type { ModelFailure, ModelRateLimit, ModelTool, ModelUsage } from './script.ts'
import type { Vendor, VendorRequest } from './vendor.ts'

/** Anthropic's Messages API as Claude Code speaks it. */
export const anthropic: Vendor = {
  name: 'anthropic',
  endOfStream: null,
  matches: (path) => path.endsWith('/v1/messages'),
  readRequest,
  toolCalls,
  stream,
  document: (answer) => ({
    ...messageObject(answer),
    content: contentBlocks(answer),
    stop_reason: stopReason(answer),
    usage: wireUsage(answer.usage),
  }),
  failure: wireFailure,
  rateLimitHeaders,
}

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
})
const content = z.union([z.string(), z.array(block)])
const requestBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: content.optional(),
  messages: z.array(z.looseObject({ role: z.string(), content })),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
})
type Block = z.infer<typeof block>

function readRequest(body: unknown): VendorRequest {
  const request = requestBody.parse(body)
  const system = textOf(blocksOf(request.system ?? ''))
  const conversation = request.messages.map((message) => textOf(blocksOf(message.content))).join('\n')
  return {
    model: request.model,
    streaming: request.stream ?? false,
    entries: request.messages.flatMap((message) => entriesOf(message.role, blocksOf(message.content))),
    toolNames: (request.tools ?? []).map((tool) => tool.name),
    instructions: system,
    workingDirectory: /working directory: (\S[^\n]*)/i.exec(`${system}\n${conversation}`)?.[1]?.trim() ?? null,
  }
}

function blocksOf(value: z.infer<typeof content>): readonly Block[] {
  return typeof value === 'string' ? [{ type: 'text', text: value, content: undefined }] : value
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((one) => one.text ?? '').join('\n')
}

function entriesOf(role: string, blocks: readonly Block[]): ConversationEntry[] {
  const results = blocks.filter((one) => one.type === 'tool_result')
  const text = textOf(blocks.filter((one) => one.type === 'text'))
  if (role === 'assistant') {
    const calls = blocks.filter((one) => one.type === 'tool_use')
    return [...(text === '' ? [] : [{ kind: 'answer' as const, text }]), ...calls.map(() => ({ kind: 'call' as const }))]
  }
  const entries: ConversationEntry[] = results.map((one) => ({
    kind: 'result',
    callId: one.tool_use_id ?? null,
    text: JSON.stringify(one.content),
  }))
  return text === '' ? entries : [...entries, { kind: 'user', text }]
}

function toolCalls(tool: ModelTool, request: VendorRequest): { name: string; input: unknown }[] {
  if (tool.kind === 'raw') return [{ name: tool.name, input: tool.input }]
  if (tool.kind === 'command') return [{ name: 'Bash', input: { command: tool.command, description: 'Scripted command' } }]
  const path = isAbsolute(tool.path) ? tool.path : join(request.workingDirectory ?? '/', tool.path)
  if (tool.kind === 'write') return [{ name: 'Write', input: { file_path: path, content: tool.content } }]
  return [
    { name: 'Read', input: { file_path: path } },
    { name: 'Edit', input: { file_path: path, old_string: tool.old, new_string: tool.new } },
  ]
}

function stream(answer: Answer): StreamEvent[] {
  const start = {
    ...messageObject(answer),
    content: [],
    stop_reason: null,
    usage: { ...wireUsage(answer.usage), output_tokens: 1 },
  }
  return [
    event('message_start', { message: start }),
    ...contentBlocks(answer).flatMap((one, index) => blockEvents(one, index)),
    event('message_delta', {
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.output },
    }),
    event('message_stop', {}),
  ]
}

function event(type: string, rest: object): StreamEvent {
  return { name: type, data: { type, ...rest } }
}

type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }

function contentBlocks(answer: Answer): AnswerBlock[] {
  const calls = answer.calls.map((call) => ({
    type: 'tool_use' as const,
    id: `toolu_${call.id}`,
    name: call.name,
    input: call.input,
  }))
  return [...(answer.text === '' ? [] : [{ type: 'text' as const, text: answer.text }]), ...calls]
}

function blockEvents(one: AnswerBlock, index: number): StreamEvent[] {
  const deltas =
    one.type === 'text'
      ? pieces(one.text).map((text) => ({ type: 'text_delta', text }))
      : pieces(JSON.stringify(one.input)).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  return [
    event('content_block_start', {
      index,
      content_block: one.type === 'text' ? { type: 'text', text: '' } : { ...one, input: {} },
    }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ]
}

function messageObject(answer: Answer): object {
  return { id: `msg_${crypto.randomUUID()}`, type: 'message', role: 'assistant', model: answer.model }
}

function stopReason(answer: Answer): string {
  if (answer.end === 'output-limit') return 'max_tokens'
  if (answer.end === 'refusal') return 'refusal'
  return answer.calls.length > 0 ? 'tool_use' : 'end_turn'
}

function wireUsage(usage: ModelUsage): object {
  return {
    input_tokens: usage.input,
    cache_read_input_tokens: usage.cachedInput,
    cache_creation_input_tokens: usage.cacheWrite,
    output_tokens: usage.output,
  }
}

function wireFailure(failure: ModelFailure): WireFailure | null {
  switch (failure) {
    case 'unauthorized':
      return httpError(401, 'authentication_error', 'invalid x-api-key')
    case 'rate-limited':
      return httpError(429, 'rate_limit_error', 'This request would exceed your rate limit.', { 'retry-after': '1' })
    case 'usage-limit':
      return httpError(429, 'rate_limit_error', 'You have reached your usage limit.', unifiedLimit)
    case 'quota':
      return httpError(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.')
    case 'overloaded':
      return httpError(529, 'overloaded_error', 'Overloaded')
    case 'server-error':
      return httpError(500, 'api_error', 'Internal server error')
    case 'bad-request':
      return httpError(400, 'invalid_request_error', 'temperature: value out of range')
    case 'model-not-found':
      return httpError(404, 'not_found_error', 'model: scripted-model')
    case 'context-overflow':
      return httpError(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')
    case 'output-limit':
    case 'refusal':
      return { end: failure }
    default:
      return null
  }
}

/** What the service adds for subscriptions whose window is used up. */
const unifiedLimit = {
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-reset': '4102444800',
  'anthropic-ratelimit-unified-representative-claim': 'five_hour',
}

function httpError(status: number, type: string, message: string, headers: Readonly<Record<string, string>> = {}): WireFailure {
  return { http: { status, headers, body: { type: 'error', error: { type, message } } } }
}

function rateLimitHeaders(limit: ModelRateLimit): Record<string, string> {
  return {
    'anthropic-ratelimit-unified-status': limit.usedPercent >= 100 ? 'rejected' : 'allowed',
    'anthropic-ratelimit-unified-5h-utilization': String(limit.usedPercent / 100),
    'anthropic-ratelimit-unified-5h-reset': String(limit.resetAt),
    'anthropic-ratelimit-unified-reset': String(limit.resetAt),
  }
}
