import { CoxError } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { recogniseAgent } from './known-agents.ts'
import { endOfAnswer, turnResult, type PromptEnd } from './turn-result.ts'
import { createTurnState } from './turn-state.ts'

/** How a turn ended, and as which failure. */
function resultOf(end: PromptEnd): string {
  const context = { state: createTurnState(null), agent: recogniseAgent(['some-agent']), model: null }
  const { status, failure } = turnResult(end, context)
  return failure === null ? status : `${status}: ${failure.kind}`
}

test('AG-1 a turn has succeeded when the program says that it came to its end, and in no other case', () => {
  const answer = (stopReason: string): string => resultOf(endOfAnswer({ stopReason }))
  expect(answer('end_turn')).toBe('completed')
  expect(answer('cancelled')).toBe('interrupted')
  expect(answer('refusal')).toBe('failed: refused')
  expect(answer('max_turn_requests')).toBe('failed: turn-limit')
  expect(answer('a reason of tomorrow')).toBe('failed: turn-limit')
  expect(answer('')).toBe('failed: turn-limit')
  expect(resultOf(endOfAnswer({ done: true }))).toBe('failed: protocol')
  expect(resultOf(endOfAnswer(null))).toBe('failed: protocol')
  expect(resultOf({ kind: 'exited', detail: 'exit code 0' })).toBe('failed: crashed')
  expect(resultOf({ kind: 'stalled', detail: 'nothing for a minute' })).toBe('failed: stalled')
  const error = new CoxError('RPC_ERROR', 'overloaded', { hint: '' })
  expect(resultOf({ kind: 'error', error })).toMatch(/^failed: /)
})
