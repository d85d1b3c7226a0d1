import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { agentFailureKinds } from '@coxswain/agents'
import { classifyFailure } from './classify-failure.ts'

test.each([
  ['an HTTP status in place of the code', { message: 'nope', code: 401 }, 'auth', '401'],
  [
    'a status inside a JSON message',
    { message: '{"error":{"code":503,"message":"try later"}}', code: -32_603 },
    'overloaded',
    '503',
  ],
  ['a 429 that is a quota', { message: 'You exceeded your current quota', code: 429 }, 'usage-limit', '429'],
  ['a 400 that is a key', { message: 'API key not valid. Please pass a valid API key.', code: 400 }, 'auth', '400'],
  [
    'a 400 that is the context',
    { message: 'This model has a maximum context length of 8192 tokens', code: 400 },
    'context-overflow',
    '400',
  ],
  [
    'a word in the data',
    { message: 'Internal error', code: -32_603, data: { errorKind: 'overloaded' } },
    'overloaded',
    'overloaded',
  ],
  [
    'a name in the data',
    { message: "Invalid value for 'temperature'.", code: -32_603, data: { errorName: 'APIError' } },
    'invalid-request',
    '-32603',
  ],
  ['the category of a session failure', { message: 'Something', category: 'limit' }, 'rate-limited', 'limit'],
  [
    'a category that its title corrects',
    { message: 'Your context window is full', category: 'limit' },
    'context-overflow',
    'limit',
  ],
  ['the code for a missing login', { message: 'Please sign in', code: -32_000 }, 'auth', '-32000'],
  ['a stream that broke, as opencode says it', { message: 'Internal error: Connection reset by server' }, 'stream-cut', null],
  [
    'the same at a later try',
    { message: 'Internal error: Cannot connect to API: The socket connection was closed unexpectedly.' },
    'stream-cut',
    null,
  ],
  ['nothing that is known', { message: 'Internal error', code: -32_603 }, 'protocol', '-32603'],
] as const)('%s', (_, evidence, kind, code) => {
  expect(classifyFailure(evidence)).toMatchObject({ kind, code, resetAt: null })
})

test.each([
  ['Rate limited. Please retry after 12s', 12_000],
  ['try again in 1.5 m', 90_000],
  ['"retryDelay": "250ms"', 250],
  ['later', null],
])('how long to wait: %s', (message, expected) => {
  expect(classifyFailure({ message, code: 429 }).retryAfter).toBe(expected)
})

test('words are redacted and capped', () => {
  const { message } = classifyFailure({ message: `key sk-abcdefghijklmnopqrstuvwx ${'x'.repeat(5_000)}` })
  expect([message.includes('abcdefgh'), message.length]).toEqual([false, 2_000])
})

test('whatever a program sends becomes a failure of a known kind', () => {
  const evidence = fc.record({
    message: fc.string(),
    code: fc.option(fc.integer()),
    data: fc.jsonValue(),
    category: fc.option(fc.string()),
  })
  fc.assert(
    fc.property(evidence, (value) => {
      expect(agentFailureKinds).toContain(classifyFailure(value).kind)
    }),
  )
})
