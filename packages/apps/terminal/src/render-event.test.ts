import { eventNames, type DataOf, type EventName } from '@coxswain/model'
import { expect, test } from 'vitest'
import { renderEvent } from './render-event.ts'

function told<Name extends EventName>(name: Name, data: DataOf<Name>): string | null {
  // As it comes out of the store.
  return renderEvent({ seq: 1, at: 0, run: null, task: null, name, data, version: 1 })?.replace(/^00:00:00 {2}/, '') ?? null
}
const step = { from: 'working', to: 'blocked', outcome: null, reason: null } as const
const turn = { ...step, failure: null, interruptedBy: null, head: 'abc', tree: 'def', isChanged: true }
const result = {
  gate: 'test',
  verdict: 'failed' as const,
  exitCode: 1,
  wallMs: 2_000,
  excerpt: '> run\nfirst\nsrc/a.ts(1,2): error TS1: no\u001B[31m\nmore',
  logFile: '/log',
  tree: 'def',
}

test('a failed gate is told with the line that says most, as plain text', () => {
  const passed = { ...result, gate: 'lint', verdict: 'passed' as const, excerpt: '' }
  const gates = (...results: (typeof passed | typeof result)[]): string | null => told('gates-ended', { ...step, results })
  expect(gates(passed, result)).toBe('gates: lint passed (2.0 s), test failed (2.0 s): src/a.ts(1,2): error TS1: no')
  expect(gates({ ...result, excerpt: 'only this' })).toBe('gates: test failed (2.0 s): only this')
  expect(told('gates-ended', { ...step, results: [{ ...passed, isReused: true }] })).toMatch(
    /^gates: \S+ passed \(.+, known of this tree\)$/,
  )
  expect(gates()).toBe('gates: none configured')
})

test('a branch that is red is told where it was found', () => {
  const prepared = { ...step, base: 'abc' }
  expect(told('worktree-prepared', { ...prepared, red: result })).toBe('worktree ready at abc, where the gate test is red')
  expect(told('worktree-prepared', { ...prepared, red: null })).toBe('worktree ready at abc')
  expect(told('branch-red', { ...step, result })).toBe('not landed, the branch itself is red: test')
})

test('whoever stops a turn need not say why', () => {
  const stopped = (text: string): string | null => told('turn-ended', { ...turn, interruptedBy: { by: 'cancel', text } })
  expect(stopped('')).toBe('turn ended: stopped by cancel')
  expect(stopped('not now')).toBe('turn ended: stopped by cancel: not now')
  expect(told('run-interrupted', { ...step, interruption: { by: 'pause', text: '' } })).toBe('stopped by pause')
})

test('what a person did to a run is told, and that Coxswain could not go on', () => {
  const act = { from: 'blocked', to: 'queued', text: '' } as const
  expect(told('run-approved', act)).toBe('approved')
  expect(told('run-reworked', { ...act, text: 'smaller\u001B[2J' })).toBe('begins anew: smaller')
  expect(told('run-broken', { reason: 'disk gone' })).toBe('blocked: disk gone')
})

test('an event of a version that this one does not know is told as such, and never fails', () => {
  const event = { seq: 1, at: 0, run: null, task: null, data: {}, version: 1 }
  expect(renderEvent({ ...event, name: 'moon-rose' })).toMatch(/ moon-rose, which this version of Coxswain cannot read$/)
  expect(renderEvent({ ...event, name: 'constructor' })).toMatch(/ constructor, which/)
  expect(renderEvent({ ...event, name: 'wait-ended', data: { ...step }, version: 99 })).toMatch(/ wait-ended, which/)
  for (const data of [{}, { results: 'no' }, { paths: 3, text: null, to: [] }]) {
    const read = eventNames.filter(
      (name) => renderEvent({ ...event, name, data })?.endsWith(`${name}, which this version of Coxswain cannot read`) !== true,
    )
    // These tell who moved a task, where anybody is known.
    expect(read).toEqual(['task-queued', 'task-active', 'task-done', 'task-cancelled'])
  }
})
