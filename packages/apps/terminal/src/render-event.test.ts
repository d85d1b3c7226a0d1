import type { StoredEvent } from '@coxswain/model'
import { expect, test } from 'vitest'
import { describeEvent } from './render-event.ts'

const told = (name: string, data: StoredEvent['data']): string | null =>
  describeEvent({ seq: 1, at: 0, run: null, task: null, name, data })
const result = {
  gate: 'test',
  verdict: 'failed',
  wallMs: 2_000,
  excerpt: '> run\nfirst\nsrc/a.ts(1,2): error TS1: no\u001B[31m\nmore',
}

test('a failed gate is told with the line that says most, as plain text', () => {
  const passed = { ...result, gate: 'lint', verdict: 'passed', excerpt: '' }
  expect(told('gates-ended', { results: [passed, result] })).toBe(
    'gates: lint passed (2.0 s), test failed (2.0 s): src/a.ts(1,2): error TS1: no',
  )
  expect(told('gates-ended', { results: [{ ...result, excerpt: 'only this' }] })).toBe('gates: test failed (2.0 s): only this')
  expect(told('gates-ended', { results: [{ ...passed, isReused: true }] })).toMatch(
    /^gates: \S+ passed \(.+, known of this tree\)$/,
  )
  expect(told('gates-ended', { results: [] })).toBe('gates: none configured')
})

test('a branch that is red is told where it was found', () => {
  expect(told('worktree-prepared', { base: 'abc', red: result })).toBe('worktree ready at abc, where the gate test is red')
  expect(told('worktree-prepared', { base: 'abc', red: null })).toBe('worktree ready at abc')
  expect(told('branch-red', { main: 'abc', result })).toBe('not landed, the branch itself is red: test')
})

test('whoever stops a turn need not say why', () => {
  expect(told('turn-ended', { interruptedBy: { by: 'cancel', text: '' } })).toBe('turn ended: stopped by cancel')
  expect(told('turn-ended', { interruptedBy: { by: 'cancel', text: 'not now' } })).toBe('turn ended: stopped by cancel: not now')
  expect(told('run-interrupted', { interruption: { by: 'pause', text: '' } })).toBe('stopped by pause')
})
