import { array, assert, constantFrom, property } from 'fast-check'
import { expect, test } from 'vitest'
import { createCallId, findPosition, type ConversationEntry } from './conversation.ts'

const user = (text: string): ConversationEntry => ({ kind: 'user', text })
const answer: ConversationEntry = { kind: 'answer', text: 'words' }
const call: ConversationEntry = { kind: 'call' }
const resultOf = (step: number): ConversationEntry => ({ kind: 'result', callId: `toolu_${createCallId(step)}`, text: '' })
const anonymous: ConversationEntry = { kind: 'result', callId: null, text: '' }
const prompt = user('Do it. [scenario:a.b-c]')

test.each([
  ['a prompt without a tag is of no scenario', [user('hello')], null],
  ['the first request is for the first step', [prompt], 0],
  ['a result moves past the step that called', [prompt, answer, call, resultOf(0)], 1],
  ['parallel results of one step move once', [prompt, call, call, resultOf(0), resultOf(0)], 1],
  ['results without ids move once a group', [prompt, call, call, anonymous, anonymous, call, anonymous], 2],
  ['a steering message between tools moves nothing', [prompt, call, resultOf(0), user('mind the gap')], 1],
  ['a message behind a finished answer moves on', [prompt, call, resultOf(0), answer, user('and now?')], 2],
  ['a later tag starts over', [prompt, answer, user('x [scenario:a.b-c]')], 0],
  ['the last tag of a message counts', [user('[scenario:x] [scenario:a.b-c]')], 0],
])('%s', (_, entries, step) => {
  expect(findPosition(entries)).toEqual(step === null ? null : { scenario: 'a.b-c', step })
})

test('what stands before the tag changes nothing', () => {
  const entry = constantFrom(answer, call, anonymous, user('no tag'))
  const tail = [prompt, call, resultOf(0)]
  assert(property(array(entry), (head) => findPosition([...head, ...tail])?.step === 1))
})
