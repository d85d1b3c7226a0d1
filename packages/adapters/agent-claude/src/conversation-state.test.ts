import { readFileSync } from 'node:fs'
import type { AgentEvent } from '@coxswain/agents'
import { assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import { createConversationState, noteMessage, type ConversationState } from './conversation-state.ts'

/** Replays what the real program printed in a scenario of the conformance suite; the folder's name was changed and its own greeting left out. */
function replay(scenario: string): { state: ConversationState; events: AgentEvent[] } {
  const state = createConversationState('/tmp/world/worktree')
  const text = readFileSync(new URL(`../fixtures/${scenario}/out.jsonl`, import.meta.url), 'utf8')
  const messages = text
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  return { state, events: messages.flatMap((message) => noteMessage(state, message)) }
}

function turnsOf(state: ConversationState): unknown[] {
  return [...state.turns.values()].map(({ message, usage, costUsd, errorCode }) => ({ message, usage, costUsd, errorCode }))
}

const usage = { input: 160, cachedInput: 40, cacheWrite: 0, output: 30, reasoning: 0 }

test('an edit: words, tools, files, usage by class and cost', () => {
  const { state, events } = replay('edit')
  const read = expect.stringMatching(/^toolu_cox_1_/)
  const edit = expect.stringMatching(/^toolu_cox_1_/)
  const first = { input: 60, cachedInput: 40, cacheWrite: 0, output: 20, reasoning: 0 }
  const contextTokens = 100
  expect(events).toEqual([
    { type: 'message-delta', text: 'I change th' },
    { type: 'message-delta', text: 'e greeting.' },
    { type: 'message', text: 'I change the greeting.' },
    { type: 'tool-start', toolId: read, kind: 'read', title: 'greeting.txt' },
    { type: 'tool-start', toolId: edit, kind: 'edit', title: 'greeting.txt' },
    { type: 'usage', turn: first, costUsd: null, contextTokens, contextWindow: null },
    { type: 'tool-end', toolId: read, status: 'ok', exitCode: null, output: '1\thello\n2\t' },
    {
      type: 'tool-end',
      toolId: edit,
      status: 'ok',
      exitCode: null,
      output: expect.stringContaining('has been updated successfully'),
    },
    { type: 'files-changed', paths: ['greeting.txt'] },
    { type: 'message-delta', text: 'Edit' },
    { type: 'message-delta', text: 'ed.' },
    { type: 'message', text: 'Edited.' },
    { type: 'usage', turn: usage, costUsd: null, contextTokens, contextWindow: null },
    { type: 'usage', turn: usage, costUsd: 0.001248, contextTokens, contextWindow: 1_000_000 },
  ])
  expect(turnsOf(state)).toEqual([{ message: 'Edited.', usage, costUsd: 0.001248, errorCode: null }])
  expect([state.liveTurn, state.toolUses.size]).toEqual([null, 0])
})

test('the exit code of a failed command is read from its output', () => {
  const ends = replay('command').events.filter((event) => event.type === 'tool-end')
  expect(ends).toMatchObject([{ status: 'failed', exitCode: 3, output: 'Exit code 3\ncox' }])
})

test('a declined command ends as declined', () => {
  const ends = replay('approve-decline').events.filter((event) => event.type === 'tool-end')
  expect(ends).toMatchObject([{ status: 'declined', exitCode: null }])
})

test('an error of the service is no message of the model', () => {
  const { state, events } = replay('failure-unauthorized')
  expect(events.map((event) => event.type)).toEqual(['retry', 'usage'])
  expect(turnsOf(state)).toMatchObject([{ message: '', errorCode: 'authentication_failed' }])
})

test('words that came too late for an answer are answered in the same turn', () => {
  const { state, events } = replay('late-steer')
  expect(events.filter((event) => event.type === 'message')).toEqual([
    { type: 'message', text: 'half done.' },
    { type: 'message', text: 'Second.' },
  ])
  expect(turnsOf(state)).toMatchObject([{ message: 'Second.', usage: { input: 107, output: 13 } }])
})

test('windows of a plan are merged; a rejected one says until when', () => {
  const state = createConversationState('/w')
  const windows = { five_hour: { utilization: 1, resetsAt: 100 }, seven_day: { utilization: 0.5, resetsAt: 200 } }
  const first = { status: 'rejected', resetsAt: 100, rateLimitType: 'five_hour', utilization: 1, unifiedWindows: windows }
  noteMessage(state, { type: 'rate_limit_event', rate_limit_info: first })
  expect(state.usedUpUntil).toBe(100_000)
  const second = { status: 'allowed', rateLimitType: 'five_hour', utilization: 0.1, resetsAt: 300 }
  expect(noteMessage(state, { type: 'rate_limit_event', rate_limit_info: second })).toEqual([
    {
      type: 'rate-limit',
      windows: [
        { name: 'five_hour', usedPercent: 10, window: null, resetAt: 300_000 },
        { name: 'seven_day', usedPercent: 50, window: null, resetAt: 200_000 },
      ],
    },
  ])
  expect(state.usedUpUntil).toBeNull()
})

test('whatever a program says is taken in or refused by its schema, nothing else', () => {
  const type = constantFrom(
    'system',
    'command_lifecycle',
    'stream_event',
    'assistant',
    'user',
    'result',
    'rate_limit_event',
    'no such type',
  )
  assert(property(type, dictionary(string(), jsonValue()), (name, message) => outcomeOf({ ...message, type: name }) !== 'broken'))
})

function outcomeOf(message: Record<string, unknown>): 'taken' | 'refused' | 'broken' {
  try {
    noteMessage(createConversationState('/w'), message)
    return 'taken'
  } catch (error) {
    return error instanceof ZodError ? 'refused' : 'broken'
  }
}
