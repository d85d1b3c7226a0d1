import { assertNever } from '@coxswain/kernel'
import { z } from 'zod'
import { pieces, type Answer, type StreamEvent, type WireFailure } from './answer.ts'
import type { ConversationEntry } from './conversation.ts'
import type { ModelFailure, ModelRateLimit, ModelTool, ModelUsage } from './script.ts'
import type { Vendor, VendorRequest } from './vendor.ts'

/** OpenAI's Responses API as Codex speaks it. */
export const openaiResponses: Vendor = {
  name: 'openai-responses',
  endOfStream: null,
  matches: (path) => path.endsWith('/responses'),
  readRequest,
  toolCalls: (tool) => [toolCall(tool)],
  stream,
  document: (answer) => responseObject(answer, 'completed'),
  failure: wireFailure,
  rateLimitHeaders,
}

const textPart = z.looseObject({ text: z.string().optional() })
const inputItem = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(textPart)]).optional(),
  call_id: z.string().optional(),
  output: z.unknown().optional(),
})
const requestBody = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  instructions: z.string().optional(),
  input: z.array(inputItem),
  tools: z.array(z.looseObject({ name: z.string().optional(), type: z.string() })).optional(),
})

function readRequest(body: unknown): VendorRequest {
  const request = requestBody.parse(body)
  const entries = request.input.flatMap((one) => entryOf(one))
  const userText = entries.map((entry) => (entry.kind === 'user' ? entry.text : '')).join('\n')
  return {
    model: request.model,
    streaming: request.stream ?? false,
    entries,
    toolNames: (request.tools ?? []).map((tool) => tool.name ?? tool.type),
    instructions: [request.instructions ?? '', ...request.input.flatMap(standingText)].join('\n').trim(),
    workingDirectory: /<cwd>([^<]+)<\/cwd>/.exec(userText)?.[1] ?? null,
  }
}

function entryOf(one: z.infer<typeof inputItem>): ConversationEntry[] {
  if (one.type?.endsWith('_call_output')) {
    return [
      {
        kind: 'result',
        callId: one.call_id ?? null,
        text: typeof one.output === 'string' ? one.output : JSON.stringify(one.output),
      },
    ]
  }
  if (one.type?.endsWith('_call')) return [{ kind: 'call' }]
  if (one.role === 'user') return [{ kind: 'user', text: contentText(one.content) }]
  if (one.role === 'assistant') return [{ kind: 'answer', text: contentText(one.content) }]
  return []
}

/** Codex hands part of its instructions over as messages of the developer. */
function standingText(one: z.infer<typeof inputItem>): string[] {
  return one.role === 'developer' || one.role === 'system' ? [contentText(one.content)] : []
}

function contentText(content: z.infer<typeof inputItem>['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n')
}

function toolCall(tool: ModelTool): { name: string; input: unknown } {
  switch (tool.kind) {
    case 'command':
      return { name: 'exec_command', input: { cmd: tool.command, ...(tool.escalate ? escalation : {}) } }
    case 'edit': {
      const lines = [...prefixed('-', tool.old), ...prefixed('+', tool.new)]
      return { name: 'apply_patch', input: patch([`*** Update File: ${tool.path}`, '@@', ...lines]) }
    }
    case 'write':
      return {
        name: 'apply_patch',
        input: patch([`*** Add File: ${tool.path}`, ...prefixed('+', tool.content.replace(/\n$/, ''))]),
      }
    case 'raw':
      return { name: tool.name, input: tool.input }
    default:
      return assertNever(tool)
  }
}

const escalation = { sandbox_permissions: 'require_escalated', justification: 'The scripted model asks for it.' }

function prefixed(mark: string, text: string): string[] {
  return text.split('\n').map((line) => mark + line)
}

function patch(lines: readonly string[]): string {
  return ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n')
}

function stream(answer: Answer): StreamEvent[] {
  const events: StreamEvent[] = [event('response.created', { response: { id: 'resp_scripted' } })]
  if (answer.text !== '') events.push(...messageEvents(answer))
  for (const [index, call] of answer.calls.entries())
    events.push(event('response.output_item.done', { output_index: index + 1, item: callItem(call) }))
  if (answer.end === 'output-limit') {
    const response = { ...responseObject(answer, 'incomplete'), incomplete_details: { reason: 'max_output_tokens' } }
    return [...events, event('response.incomplete', { response })]
  }
  return [...events, event('response.completed', { response: responseObject(answer, 'completed') })]
}

function event(type: string, rest: object): StreamEvent {
  return { name: type, data: { type, ...rest } }
}

function messageEvents(answer: Answer): StreamEvent[] {
  const item = { type: 'message', role: 'assistant', id: `msg_${crypto.randomUUID()}` }
  const content =
    answer.end === 'refusal' ? { type: 'refusal', refusal: answer.text } : { type: 'output_text', text: answer.text }
  return [
    event('response.output_item.added', { output_index: 0, item: { ...item, content: [] } }),
    ...pieces(answer.text).map((delta) =>
      event('response.output_text.delta', { output_index: 0, content_index: 0, item_id: item.id, delta }),
    ),
    event('response.output_item.done', { output_index: 0, item: { ...item, content: [content] } }),
  ]
}

function callItem(call: Answer['calls'][number]): object {
  const isText = typeof call.input === 'string'
  return isText
    ? { type: 'custom_tool_call', call_id: call.id, name: call.name, input: call.input }
    : { type: 'function_call', call_id: call.id, name: call.name, arguments: JSON.stringify(call.input) }
}

function responseObject(answer: Answer, status: string): object {
  return { id: 'resp_scripted', status, model: answer.model, usage: wireUsage(answer.usage), output: [] }
}

function wireUsage(usage: ModelUsage): object {
  const input = usage.input + usage.cachedInput + usage.cacheWrite
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cachedInput },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  }
}

function wireFailure(failure: ModelFailure): WireFailure | null {
  switch (failure) {
    case 'unauthorized':
      return httpError(401, { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' })
    case 'rate-limited':
      return httpError(429, { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.' })
    case 'usage-limit':
      return httpError(429, {
        type: 'usage_limit_reached',
        message: 'The usage limit has been reached.',
        plan_type: 'plus',
        resets_at: 4_102_444_800,
      })
    case 'quota':
      return streamError('insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.')
    case 'overloaded':
      return streamError('server_is_overloaded', 'The server is overloaded.')
    case 'server-error':
      return httpError(500, {
        type: 'server_error',
        code: null,
        message: 'The server had an error while processing your request.',
      })
    case 'bad-request':
      return httpError(400, { type: 'invalid_request_error', code: 'invalid_value', message: "Invalid value for 'temperature'." })
    case 'model-not-found':
      return httpError(404, { type: 'invalid_request_error', code: 'model_not_found', message: 'The model does not exist.' })
    case 'context-overflow':
      return streamError('context_length_exceeded', 'Your input exceeds the context window of this model.')
    case 'output-limit':
    case 'refusal':
      return { end: failure }
    default:
      return null
  }
}

function httpError(status: number, error: object): WireFailure {
  return { http: { status, body: { error } } }
}

function streamError(code: string, message: string): WireFailure {
  return { stream: [event('response.failed', { response: { id: 'resp_scripted', status: 'failed', error: { code, message } } })] }
}

function rateLimitHeaders(limit: ModelRateLimit): Record<string, string> {
  return {
    'x-codex-primary-used-percent': String(limit.usedPercent),
    'x-codex-primary-window-minutes': String(limit.windowMinutes),
    'x-codex-primary-reset-at': String(limit.resetAt),
  }
}
