import { readFileSync } from 'node:fs'
import type { AgentEvent, TokenUsage } from '@coxswain/agents'
import { assert, constantFrom, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import { createThreadState, noteNotification, type ThreadState } from './thread-state.ts'
import { notificationSchemas } from './wire.ts'

/** Replays what the real program printed in a scenario of the conformance suite; only the folder's name was changed. */
function replay(
  scenario: string,
  price: (model: string, usage: TokenUsage) => number | null = () => null,
): { state: ThreadState; events: AgentEvent[] } {
  const state = createThreadState('/tmp/world/worktree', price)
  state.model = 'gpt-5.5'
  const text = readFileSync(new URL(`../fixtures/${scenario}/out.jsonl`, import.meta.url), 'utf8')
  const messages = text
    .trim()
    .split('\n')
    .map((line): { method?: string; params?: unknown; id?: unknown } => JSON.parse(line))
  const events = messages.flatMap(({ method, params, id }) =>
    method === undefined || id !== undefined ? [] : noteNotification(state, method, params),
  )
  return { state, events }
}

test('an edit: words, tool, files, diff, usage by class and rate limits', () => {
  const { state, events } = replay('edit', (_, { output }) => output / 100)
  const diff = '@@ -1 +1 @@\n-hello\n+hello from the agent\n'
  const index = 'index ce013625030ba8dba906f756967f9e9ca394464a..e70f7a15db5de4c460630d23b53280e70c3009db'
  const toolId = expect.stringMatching(/^cox_1_/)
  expect(events).toEqual([
    { type: 'message-delta', text: 'I change th' },
    { type: 'message-delta', text: 'e greeting.' },
    { type: 'message', text: 'I change the greeting.' },
    { type: 'tool-start', toolId, kind: 'edit', title: 'greeting.txt' },
    { type: 'tool-end', toolId, status: 'ok', exitCode: null, output: diff },
    { type: 'files-changed', paths: ['greeting.txt'] },
    {
      type: 'diff',
      unified: `diff --git a/greeting.txt b/greeting.txt\n${index}\n--- a/greeting.txt\n+++ b/greeting.txt\n${diff}`,
    },
    {
      type: 'usage',
      turn: { input: 60, cachedInput: 40, cacheWrite: 0, output: 20, reasoning: 5 },
      costUsd: 0.2,
      contextTokens: 120,
      contextWindow: 258_400,
    },
    { type: 'rate-limit', windows: [{ name: 'primary', usedPercent: 42, window: 18_000_000, resetAt: 4_102_444_800_000 }] },
    { type: 'message-delta', text: 'Edit' },
    { type: 'message-delta', text: 'ed.' },
    { type: 'message', text: 'Edited.' },
    {
      type: 'usage',
      turn: { input: 160, cachedInput: 40, cacheWrite: 0, output: 30, reasoning: 5 },
      costUsd: 0.2 + 0.1,
      contextTokens: 110,
      contextWindow: 258_400,
    },
  ])
  // The last report left the windows out: they are merged, not cleared.
  expect([...state.rateLimits.keys()]).toEqual(['primary'])
  expect([...state.turns.values()].map(({ status, message, error }) => ({ status, message, error }))).toEqual([
    { status: 'completed', message: 'Edited.', error: null },
  ])
})

test('a declined command ends as declined', () => {
  const tools = replay('approve-decline').events.filter((event) => event.type.startsWith('tool'))
  const toolId = expect.stringMatching(/^cox_1_/)
  expect(tools).toEqual([
    { type: 'tool-start', toolId, kind: 'command', title: "/bin/bash -lc 'printf declined > ../outside-decline.txt'" },
    { type: 'tool-end', toolId, status: 'declined', exitCode: null, output: '' },
  ])
})

test('a broken stream is told as a retry, then as the failure of the turn', () => {
  const { state, events } = replay('failure-stream-cut')
  expect(events.map((event) => event.type)).toEqual(['message-delta', 'retry', 'message-delta'])
  expect([...state.turns.values()].map(({ status, error }) => [status, error?.message])).toEqual([
    ['failed', 'stream disconnected before completion: Transport error: network error: error decoding response body'],
  ])
})

test('a price that is not known once makes the sum unknown', () => {
  let calls = 0
  const { state } = replay('edit', () => (calls++ === 0 ? null : 1))
  expect([...state.turns.values()].map((turn) => turn.costUsd)).toEqual([null])
})

test('whatever a program says is taken in or refused by its schema, nothing else', () => {
  const method = constantFrom(...Object.keys(notificationSchemas), 'no/such/method')
  assert(property(method, jsonValue(), (name, params) => outcomeOf(name, params) !== 'broken'))
})

function outcomeOf(method: string, params: unknown): 'taken' | 'refused' | 'broken' {
  try {
    noteNotification(
      createThreadState('/w', () => null),
      method,
      params,
    )
    return 'taken'
  } catch (error) {
    return error instanceof ZodError ? 'refused' : 'broken'
  }
}
