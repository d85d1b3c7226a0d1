import { instant } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { classifyFailure } from './classify-failure.ts'

test.each([
  [{ message: 'x', codexErrorInfo: 'contextWindowExceeded' }, 'context-overflow'],
  [{ message: 'x', codexErrorInfo: 'usageLimitExceeded' }, 'usage-limit'],
  [{ message: 'x', codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 401 } } }, 'auth'],
  [{ message: 'x', codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } } }, 'rate-limited'],
  [{ message: 'x', codexErrorInfo: { responseStreamConnectionFailed: { httpStatusCode: 503 } } }, 'overloaded'],
  [{ message: 'x', codexErrorInfo: { responseStreamConnectionFailed: { httpStatusCode: 404 } } }, 'invalid-request'],
  [{ message: 'x', codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } } }, 'stream-cut'],
  [{ message: 'error sending request', codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } } }, 'unreachable'],
  [{ message: 'x', codexErrorInfo: { httpConnectionFailed: {} } }, 'unreachable'],
  [{ message: 'Incomplete response returned, reason: max_output_tokens', codexErrorInfo: 'other' }, 'output-limit'],
  [{ message: 'idle timeout waiting for SSE', codexErrorInfo: 'other' }, 'stalled'],
  [{ message: 'Missing environment variable: `KEY`.', codexErrorInfo: 'other' }, 'auth'],
  [{ message: 'something of tomorrow', codexErrorInfo: 'aCodeOfTomorrow' }, 'protocol'],
  [{ message: 'x', codexErrorInfo: { aShape: { ofTomorrow: 1 } } }, 'protocol'],
  [null, 'protocol'],
] as const)('%j is %s', (error, kind) => {
  expect(classifyFailure(error, null).kind).toBe(kind)
})

test('says the vendor’s words without secrets, its code, and when to come back', () => {
  const message = 'Rate limit reached for key sk-abcdefghijklmnopqrstuvwxyz. Please try again in 11.5s.'
  expect(classifyFailure({ message, codexErrorInfo: 'rateLimitExceeded', additionalDetails: 'slow down' }, instant(5))).toEqual({
    kind: 'rate-limited',
    message: 'Rate limit reached for key [redacted]. Please try again in 11.5s. — slow down',
    code: 'rateLimitExceeded',
    retryAfter: 11_500,
    resetAt: 5,
  })
})

test('a failure that no clock heals has no time of reset', () => {
  expect(classifyFailure({ message: 'x', codexErrorInfo: 'unauthorized' }, instant(5)).resetAt).toBeNull()
})
