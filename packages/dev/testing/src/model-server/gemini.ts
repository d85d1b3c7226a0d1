import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { pieces, type Answer, type StreamEvent, type WireFailure } from './answer.ts'
import type { ConversationEntry } from './conversation.ts'
import type { ModelFailure, ModelTool, ModelUsage } from './script.ts'
import type { Vendor, VendorRequest } from './vendor.ts'

/** Google's generateContent and streamGenerateContent as Gemini CLI speaks them. */
export const gemini: Vendor = {
  name: 'gemini',
  endOfStream: null,
  matches: (path) => /:(?:stream)?generateContent$/i.test(path),
  readRequest,
  toolCalls,
  stream,
  document: (answer) => chunk(answer, [...textParts(answer.text), ...callParts(answer)], true),
  failure: wireFailure,
  rateLimitHeaders: () => ({}),
}

const part = z.looseObject({
  text: z.string().optional(),
  functionCall: z.looseObject({}).optional(),
  functionResponse: z.looseObject({ id: z.string().optional(), response: z.unknown().optional() }).optional(),
})
const contentItem = z.looseObject({ role: z.string().optional(), parts: z.array(part).default([]) })
const declarations = z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional() })
const requestBody = z.looseObject({
  contents: z.array(contentItem),
  systemInstruction: contentItem.optional(),
  tools: z.array(declarations).optional(),
})

function readRequest(body: unknown, path: string): VendorRequest {
  const request = requestBody.parse(body)
  const instructions = (request.systemInstruction?.parts ?? []).map((one) => one.text ?? '').join('\n')
  const everything = [instructions, ...request.contents.flatMap((one) => one.parts.map((piece) => piece.text ?? ''))].join('\n')
  return {
    model: /models\/([^:/]+):/.exec(path)?.[1] ?? '',
    streaming: /:streamGenerateContent$/i.test(path),
    entries: request.contents.flatMap((one) => entriesOf(one)),
    toolNames: (request.tools ?? []).flatMap((tool) => (tool.functionDeclarations ?? []).map((declared) => declared.name)),
    instructions,
    workingDirectory:
      /(?:workspace directories:\**|working (?:in the )?director(?:y|ies)(?: is)?:?)\s*(?:-\s*)?(\/[^\n]*)/i
        .exec(everything)?.[1]
        ?.trim() ?? null,
  }
}

function entriesOf(one: z.infer<typeof contentItem>): ConversationEntry[] {
  const text = one.parts
    .map((piece) => piece.text ?? '')
    .join('\n')
    .trim()
  if (one.role === 'model') {
    const calls = one.parts.filter((piece) => piece.functionCall !== undefined)
    return [...(text === '' ? [] : [{ kind: 'answer' as const, text }]), ...calls.map(() => ({ kind: 'call' as const }))]
  }
  const results = one.parts.flatMap((piece): ConversationEntry[] =>
    piece.functionResponse === undefined
      ? []
      : [{ kind: 'result', callId: piece.functionResponse.id ?? null, text: JSON.stringify(piece.functionResponse.response) }],
  )
  return text === '' ? results : [...results, { kind: 'user', text }]
}

function toolCalls(tool: ModelTool, request: VendorRequest): { name: string; input: unknown }[] {
  if (tool.kind === 'raw') return [{ name: tool.name, input: tool.input }]
  if (tool.kind === 'command')
    return [{ name: 'run_shell_command', input: { command: tool.command, description: 'Scripted command' } }]
  const path = isAbsolute(tool.path) ? tool.path : join(request.workingDirectory ?? '/', tool.path)
  if (tool.kind === 'write') return [{ name: 'write_file', input: { file_path: path, content: tool.content } }]
  return [
    { name: 'replace', input: { file_path: path, instruction: 'Scripted edit', old_string: tool.old, new_string: tool.new } },
  ]
}

function stream(answer: Answer): StreamEvent[] {
  return [
    ...pieces(answer.text).map((text) => ({ data: chunk(answer, textParts(text), false) })),
    { data: chunk(answer, callParts(answer), true) },
  ]
}

function chunk(answer: Answer, parts: readonly object[], last: boolean): object {
  const ending = last ? { finishReason: finishReason(answer) } : {}
  const candidate = { index: 0, content: { role: 'model', parts: parts.length === 0 ? [{ text: '' }] : parts }, ...ending }
  return { candidates: [candidate], modelVersion: answer.model, ...(last ? { usageMetadata: wireUsage(answer.usage) } : {}) }
}

function textParts(text: string): object[] {
  return text === '' ? [] : [{ text }]
}

function callParts(answer: Answer): object[] {
  return answer.calls.map((call) => ({ functionCall: { id: call.id, name: call.name, args: call.input } }))
}

function finishReason(answer: Answer): string {
  if (answer.end === 'output-limit') return 'MAX_TOKENS'
  return answer.end === 'refusal' ? 'SAFETY' : 'STOP'
}

function wireUsage(usage: ModelUsage): object {
  const prompt = usage.input + usage.cachedInput + usage.cacheWrite
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cachedInput,
    candidatesTokenCount: usage.output - usage.reasoning,
    thoughtsTokenCount: usage.reasoning,
    totalTokenCount: prompt + usage.output,
  }
}

function wireFailure(failure: ModelFailure): WireFailure | null {
  switch (failure) {
    case 'unauthorized':
      return httpError(401, 'UNAUTHENTICATED', 'API key not valid. Please pass a valid API key.')
    case 'rate-limited':
      return httpError(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).')
    case 'usage-limit':
    case 'quota':
      return httpError(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.')
    case 'overloaded':
      return httpError(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.')
    case 'server-error':
      return httpError(500, 'INTERNAL', 'An internal error has occurred.')
    case 'bad-request':
      return httpError(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.')
    case 'model-not-found':
      return httpError(404, 'NOT_FOUND', 'models/scripted is not found.')
    case 'context-overflow':
      return httpError(
        400,
        'INVALID_ARGUMENT',
        'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
      )
    case 'output-limit':
    case 'refusal':
      return { end: failure }
    default:
      return null
  }
}

function httpError(status: number, code: string, message: string): WireFailure {
  return { http: { status, body: { error: { code: status, message, status: code } } } }
}
