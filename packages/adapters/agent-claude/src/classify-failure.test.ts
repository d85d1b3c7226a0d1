import { instant } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { classifyFailure, isComplete } from './classify-failure.ts'
import type { ClaudeResult } from './wire.ts'

function resultOf(changed: Partial<ClaudeResult>): ClaudeResult {
  return { subtype: 'success', is_error: true, ...changed }
}

test.each([
  ['authentication_failed', { api_error_status: 401, result: 'Invalid API key' }, 'auth'],
  ['rate_limit', { api_error_status: 429, result: 'API Error: Request rejected (429)' }, 'rate-limited'],
  ['rate_limit', { api_error_status: 429, result: 'You have reached your usage limit.' }, 'usage-limit'],
  ['billing_error', { api_error_status: 400, result: 'Credit balance is too low' }, 'usage-limit'],
  ['invalid_request', { api_error_status: 400, result: 'Credit balance is too low' }, 'usage-limit'],
  ['invalid_request', { api_error_status: 400, result: 'prompt is too long: 3 > 2' }, 'context-overflow'],
  ['invalid_request', { terminal_reason: 'prompt_too_long', result: 'Prompt is too long' }, 'context-overflow'],
  ['invalid_request', { api_error_status: 400, result: 'temperature' }, 'invalid-request'],
  ['overloaded', { api_error_status: 529, result: 'Overloaded' }, 'overloaded'],
  ['server_error', { api_error_status: 500, result: 'Internal server error' }, 'overloaded'],
  ['server_error', { result: 'Connection to the API was lost (ECONNRESET).' }, 'stream-cut'],
  ['server_error', { result: 'Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)' }, 'unreachable'],
  ['server_error', { result: 'a trouble of tomorrow' }, 'overloaded'],
  ['max_output_tokens', { result: 'too long' }, 'output-limit'],
  [null, { stop_reason: 'refusal', result: 'I cannot' }, 'refused'],
  [null, { stop_reason: 'max_tokens', is_error: false, result: 'and then' }, 'output-limit'],
  [null, { stop_reason: 'model_context_window_exceeded', is_error: false }, 'context-overflow'],
  [null, { stop_reason: 'pause_turn', is_error: false }, 'turn-limit'],
  [null, { subtype: 'error_max_turns', is_error: false, terminal_reason: 'max_turns' }, 'turn-limit'],
  [null, { subtype: 'error_max_budget_usd' }, 'turn-limit'],
  [null, { subtype: 'error_during_execution', errors: ['a trouble of tomorrow'] }, 'protocol'],
] as const)('%s %j is %s', (errorCode, changed, kind) => {
  const result = resultOf({ ...changed, errors: 'errors' in changed ? [...changed.errors] : null })
  expect(classifyFailure({ result, errorCode, usedUpUntil: null }).kind).toBe(kind)
  expect(isComplete(result)).toBe(false)
})

test.each([null, 'end_turn', 'stop_sequence'])('a success that stopped for %s is complete', (stop_reason) => {
  expect(isComplete(resultOf({ is_error: false, stop_reason }))).toBe(true)
})

test('a plan that is used up is told from requests that come too fast, with the time of its reset', () => {
  const result = resultOf({ api_error_status: 429, result: 'API Error: sk-ant-abcdefghijklmnopqrstuvwxyz rejected' })
  expect(classifyFailure({ result, errorCode: 'rate_limit', usedUpUntil: instant(9) })).toEqual({
    kind: 'usage-limit',
    message: 'API Error: [redacted] rejected',
    code: 'rate_limit 429',
    retryAfter: null,
    resetAt: 9,
  })
  const old = resultOf({ result: 'Claude AI usage limit reached|1700000000' })
  expect(classifyFailure({ result: old, errorCode: null, usedUpUntil: null })).toMatchObject({
    kind: 'usage-limit',
    resetAt: 1_700_000_000_000,
  })
})
