import { afterEach, expect, test } from 'vitest'
import type { ModelScript } from './script.ts'
import { startModelServer, type ModelServer } from './start-model-server.ts'

let server: ModelServer
afterEach(() => server.close())

const script: ModelScript = {
  talk: [{ text: 'hello', usage: { input: 60, cachedInput: 30, cacheWrite: 10, output: 20, reasoning: 5 } }],
  work: [{ tools: [{ kind: 'edit', path: 'a.txt', old: 'x', new: 'y' }] }, { text: 'done' }],
  flaky: [{ text: 'at last', failure: 'server-error', failTimes: 1 }],
  held: [{ text: 'hello', holdMiddle: 'gate' }],
}

const tools = {
  responses: [{ type: 'function', name: 'exec_command' }],
  chat: [{ function: { name: 'bash' } }],
  claude: [{ name: 'Bash' }],
}

function post(path: string, body: object): Promise<Response> {
  return fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) })
}

function askResponses(scenario: string): Promise<Response> {
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: `[scenario:${scenario}]` }] }]
  return post('/v1/responses', { model: 'm', stream: true, input, tools: tools.responses })
}

/** The data of each event, with what differs from run to run cut out. */
async function eventsOf(response: Response): Promise<unknown[]> {
  const text = (await response.text()).replaceAll(/"(?:id|item_id)":"[^"]*"/g, '"id":"*"').replaceAll(/cox_\d+_\w+/g, '*')
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))
}

test('OpenAI Responses: words, usage by class and the end', async () => {
  server = await startModelServer({ script })
  expect(await eventsOf(await askResponses('talk'))).toMatchObject([
    { type: 'response.created' },
    { type: 'response.output_item.added' },
    { type: 'response.output_text.delta', delta: 'hel' },
    { type: 'response.output_text.delta', delta: 'lo' },
    { type: 'response.output_item.done', item: { role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] } },
    {
      type: 'response.completed',
      response: {
        usage: {
          input_tokens: 100,
          input_tokens_details: { cached_tokens: 30 },
          output_tokens: 20,
          output_tokens_details: { reasoning_tokens: 5 },
          total_tokens: 120,
        },
      },
    },
  ])
  expect(server.misses).toEqual([])
})

test('OpenAI Responses: an edit is a patch, its result leads to the next step', async () => {
  server = await startModelServer({ script })
  const first = await eventsOf(await askResponses('work'))
  const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-x\n+y\n*** End Patch\n'
  expect(first).toContainEqual({
    type: 'response.output_item.done',
    output_index: 1,
    item: { type: 'custom_tool_call', call_id: '*', name: 'apply_patch', input: patch },
  })
  const input = [
    { type: 'message', role: 'user', content: '[scenario:work]' },
    { type: 'custom_tool_call', call_id: 'cox_1_x', name: 'apply_patch' },
    { type: 'custom_tool_call_output', call_id: 'cox_1_x', output: 'ok' },
  ]
  const second = await eventsOf(await post('/v1/responses', { model: 'm', stream: true, input, tools: tools.responses }))
  expect(JSON.stringify(second)).toContain('done')
  expect(server.requests.map(({ scenario, step }) => [scenario, step])).toEqual([
    ['work', 0],
    ['work', 1],
  ])
})

test('Anthropic Messages: an edit is a read and an edit of the absolute path', async () => {
  server = await startModelServer({ script })
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Primary working directory: /w\n[scenario:work]' }] }]
  const body = { model: 'm', messages, tools: tools.claude }
  expect(await (await post('/v1/messages?beta=true', body)).json()).toMatchObject({
    role: 'assistant',
    content: [
      { type: 'tool_use', name: 'Read', input: { file_path: '/w/a.txt' } },
      { type: 'tool_use', name: 'Edit', input: { file_path: '/w/a.txt', old_string: 'x', new_string: 'y' } },
    ],
    stop_reason: 'tool_use',
  })
  const events = await eventsOf(await post('/v1/messages', { ...body, stream: true }))
  expect(events.map((event) => Object(event)['type'])).toEqual([
    'message_start',
    ...blockEvents,
    ...blockEvents,
    'message_delta',
    'message_stop',
  ])
})

const blockEvents = ['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop']

test('OpenAI Chat Completions: words, finish reason, usage, end of stream', async () => {
  server = await startModelServer({ script })
  const body = { model: 'm', stream: true, messages: [{ role: 'user', content: '[scenario:talk]' }], tools: tools.chat }
  const response = await post('/v1/chat/completions', body)
  const text = await response.text()
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  const chunks = text
    .split('\n\n')
    .slice(0, -2)
    .map((chunk) => JSON.parse(chunk.slice(6)))
  expect(chunks.map((chunk) => chunk.choices[0])).toEqual([
    { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
    { index: 0, delta: { content: 'hel' }, finish_reason: null },
    { index: 0, delta: { content: 'lo' }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: 'stop' },
    undefined,
  ])
  expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 })
})

test('Gemini: words and usage', async () => {
  server = await startModelServer({ script })
  const body = {
    contents: [{ role: 'user', parts: [{ text: '[scenario:talk]' }] }],
    tools: [{ functionDeclarations: [{ name: 'run_shell_command' }] }],
  }
  const events = await eventsOf(await post('/v1beta/models/gemini-x:streamGenerateContent?alt=sse', body))
  expect(events).toMatchObject([
    { candidates: [{ content: { parts: [{ text: 'hel' }] } }] },
    { candidates: [{ content: { parts: [{ text: 'lo' }] } }] },
    {
      candidates: [{ finishReason: 'STOP' }],
      modelVersion: 'gemini-x',
      usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 30, candidatesTokenCount: 15, thoughtsTokenCount: 5 },
    },
  ])
})

test('a failure that passes is shown so often, then the step is answered', async () => {
  server = await startModelServer({ script })
  expect((await askResponses('flaky')).status).toBe(500)
  expect(JSON.stringify(await eventsOf(await askResponses('flaky')))).toContain('at last')
})

test('a held answer stops in its middle until it is released', async () => {
  server = await startModelServer({ script })
  const response = await askResponses('held')
  await server.waitForRequest('held', 0)
  server.release('gate')
  expect(JSON.stringify(await eventsOf(response))).toContain('"lo"')
})

test('what the script does not answer is a miss; a side question without tools is not', async () => {
  server = await startModelServer({ script })
  expect((await askResponses('unknown')).status).toBe(400)
  expect((await fetch(`${server.url}/v1/models`)).status).toBe(404)
  const title = await post('/v1/chat/completions', {
    model: 'm',
    messages: [{ role: 'user', content: 'Title of [scenario:talk]?' }],
  })
  expect(await title.json()).toMatchObject({ choices: [{ message: { content: 'Scripted side answer' } }] })
  expect(server.misses).toEqual(['/v1/responses: no step 0 of scenario unknown', 'GET /v1/models'])
})
