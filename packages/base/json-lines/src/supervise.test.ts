import { milliseconds, sleep } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { systemClock } from '@coxswain/host'
import { supervise, type SuperviseOptions } from './supervise.ts'

const never = new Promise<never>(() => {})

function options(changed: Partial<SuperviseOptions<string>>): SuperviseOptions<string> {
  return {
    done: never,
    ended: never,
    activity: () => 0,
    isWaitingForUs: () => false,
    idleLimit: milliseconds(40),
    clock: systemClock,
    signal: new AbortController().signal,
    ...changed,
  }
}

test('a result wins over the exit that follows it', async () => {
  expect(await supervise(options({ done: Promise.resolve('x'), ended: Promise.resolve() }))).toEqual({ kind: 'done', value: 'x' })
})

test('an exit without a result, silence and a call-off are told apart', async () => {
  expect(await supervise(options({ ended: Promise.resolve() }))).toEqual({ kind: 'ended' })
  expect(await supervise(options({}))).toEqual({ kind: 'stalled' })
  expect(await supervise(options({ signal: AbortSignal.abort() }))).toEqual({ kind: 'aborted' })
  const stop = new AbortController()
  const called = supervise(options({ signal: stop.signal, idleLimit: milliseconds(60_000) }))
  stop.abort()
  expect(await called).toEqual({ kind: 'aborted' })
})

test('something said and waiting for us are no silence', async () => {
  let said = 0
  const talking = setInterval(() => (said += 1), 2)
  const done = sleep(200).then(() => 'late')
  expect(await supervise(options({ done, activity: () => said }))).toEqual({ kind: 'done', value: 'late' })
  clearInterval(talking)
  const answered = sleep(200).then(() => 'answered')
  expect(await supervise(options({ done: answered, isWaitingForUs: () => true }))).toEqual({ kind: 'done', value: 'answered' })
})

test('a rejected result is thrown', async () => {
  await expect(supervise(options({ done: Promise.reject(new Error('no')) }))).rejects.toThrow('no')
})
