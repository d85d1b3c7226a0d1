import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { endMessage, mapUpdate } from './map-update.ts'
import { createTurnState, type TurnState } from './turn-state.ts'

function map(updates: readonly unknown[], state: TurnState = createTurnState(0)): unknown[] {
  return [...updates.flatMap((update) => mapUpdate(state, update, '/w')), ...endMessage(state)]
}

const chunk = (text: string, messageId?: string): unknown => ({
  sessionUpdate: 'agent_message_chunk',
  content: { type: 'text', text },
  messageId,
})

test('chunks are one message until a tool or another message follows', () => {
  expect(
    map([
      chunk('a'),
      chunk('b'),
      { sessionUpdate: 'tool_call', toolCallId: '1', title: 'T', kind: 'read' },
      chunk('c', 'm1'),
      chunk('d', 'm2'),
    ]),
  ).toEqual([
    { type: 'message-delta', text: 'a' },
    { type: 'message-delta', text: 'b' },
    { type: 'message', text: 'ab' },
    { type: 'tool-start', toolId: '1', kind: 'read', title: 'T' },
    { type: 'message-delta', text: 'c' },
    { type: 'message', text: 'c' },
    { type: 'message-delta', text: 'd' },
    { type: 'message', text: 'd' },
  ])
})

test('an edit ends with the files it changed, told once', () => {
  const end = {
    sessionUpdate: 'tool_call_update',
    toolCallId: '1',
    status: 'completed',
    content: [{ type: 'diff', path: '/w/a/b.ts', newText: 'x' }],
  }
  expect(
    map([
      { sessionUpdate: 'tool_call', toolCallId: '1', title: 'Edit', kind: 'edit', locations: [{ path: '/w/c.ts' }] },
      end,
      end,
    ]),
  ).toEqual([
    { type: 'tool-start', toolId: '1', kind: 'edit', title: 'Edit' },
    { type: 'tool-end', toolId: '1', status: 'ok', exitCode: null, output: '' },
    { type: 'files-changed', paths: ['c.ts', 'a/b.ts'] },
  ])
})

test('a call that is complete at once is a start and an end', () => {
  const call = {
    sessionUpdate: 'tool_call',
    toolCallId: '1',
    title: 'ls',
    kind: 'execute',
    status: 'failed',
    rawOutput: { exit_code: 2, output: 'no' },
  }
  expect(map([call])).toEqual([
    { type: 'tool-start', toolId: '1', kind: 'command', title: 'ls' },
    { type: 'tool-end', toolId: '1', status: 'failed', exitCode: 2, output: 'no' },
  ])
})

const usage = (amount: number, currency = 'USD'): unknown => ({
  sessionUpdate: 'usage_update',
  used: 5,
  size: 9,
  cost: { amount, currency },
})

test('the cost of a turn is what the session cost more than before', () => {
  const state = createTurnState(0.5)
  expect(map([usage(0.75), usage(99, 'credits')], state)).toMatchObject([
    { costUsd: 0.25, contextTokens: 5, contextWindow: 9 },
    { costUsd: 0.25 },
  ])
  expect(map([usage(0.75)], createTurnState(null))).toMatchObject([{ costUsd: null }])
})

test('what is unknown or malformed is nothing, and never an exception', () => {
  expect(
    map([null, 1, {}, { sessionUpdate: 'dance' }, { sessionUpdate: 'tool_call' }, { sessionUpdate: 'plan', entries: 'x' }]),
  ).toEqual([])
  const kinds = fc.constantFrom('agent_message_chunk', 'tool_call', 'tool_call_update', 'plan', 'usage_update')
  const update = fc.tuple(
    kinds,
    fc.dictionary(
      fc.constantFrom(
        'toolCallId',
        'content',
        'status',
        'kind',
        'title',
        'entries',
        'used',
        'size',
        'cost',
        'rawOutput',
        '_meta',
        'locations',
      ),
      fc.jsonValue(),
    ),
  )
  fc.assert(
    fc.property(fc.array(update), (all) =>
      map(all.map(([sessionUpdate, rest]) => ({ ...rest, sessionUpdate }))).every((event) => typeof event === 'object'),
    ),
  )
})

test('AG-14 what a tool, a plan or a message shows has no credential, wherever it would be cut', () => {
  // Assembled, so that this file holds no secret.
  const key = ['gh', 'p_', 'a1B2c3D4'.repeat(4)].join('')
  const shown = map([
    chunk(`the key is ${key}`),
    { sessionUpdate: 'tool_call', toolCallId: '1', title: `curl ${key}`, kind: 'execute' },
    {
      sessionUpdate: 'tool_call_update',
      toolCallId: '1',
      status: 'completed',
      // The last of what is kept would begin in the middle of it.
      content: [{ type: 'content', content: { type: 'text', text: `${key}${'x\n'.repeat(32_760)}` } }],
    },
    { sessionUpdate: 'plan', entries: [{ content: `send ${key}`, status: 'pending', priority: 'low' }] },
  ])
  expect(shown.length).toBeGreaterThan(3)
  expect(JSON.stringify(shown)).not.toMatch(/(?:a1B2c3D4){2}/)
})
