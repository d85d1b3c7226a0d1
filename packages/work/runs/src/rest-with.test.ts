import { expect, test } from 'vitest'
import { firstProgress } from './first-progress.ts'
import { restWith } from './rest-with.ts'
import type { RunProgress } from './run-progress.ts'

const resting = (change: Partial<RunProgress>): RunProgress => ({ ...firstProgress(false), next: { kind: 'rest' }, ...change })
const paused = resting({ state: 'paused', outcome: 'paused', reason: 'Paused by a person.' })

test('a run rests as it was to where nothing of it is alive', () => {
  expect(restWith(paused, [])).toBe(paused)
})

test('a run of which a process is alive is blocked, with its number and what it was to rest as', () => {
  expect(restWith(paused, [41])).toEqual({
    ...paused,
    state: 'blocked',
    outcome: 'still-alive',
    reason:
      'Still alive after every attempt to end it: process 41. The run was to rest as paused (Paused by a person). End it by hand, then `cox resume` or `cox cancel`.',
  })
  expect(restWith(resting({ state: 'blocked' }), [41, 42]).reason).toBe(
    'Still alive after every attempt to end them: processes 41, 42. End them by hand, then `cox resume` or `cox cancel`.',
  )
})

test('what has landed has landed, and says so beside it', () => {
  const landed = resting({ state: 'landed', outcome: 'landed' })
  expect(restWith(landed, [41])).toEqual({ ...landed, reason: 'Still alive after every attempt to end it: process 41.' })
})
