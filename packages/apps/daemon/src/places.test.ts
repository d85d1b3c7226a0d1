import { RunId } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPlaces } from './places.ts'

const id = (number: number): RunId => RunId.parse(`r${number}`)
const never = new AbortController().signal

test('a run that waits to go on gets the next place, before one that has not begun', async () => {
  let woken = 0
  const places = createPlaces({ current: { concurrency: 1 } }, () => (woken += 1))
  expect([places.tryTake(id(1)), places.tryTake(id(1)), places.tryTake(id(2)), places.free()]).toEqual([true, true, false, 0])
  const entered: RunId[] = []
  const back = places.take(id(2), never).then(() => entered.push(id(2)))
  expect(places.tryTake(id(3))).toBe(false)
  places.give(id(1))
  expect([places.free(), places.tryTake(id(3)), woken]).toEqual([0, false, 0])
  await back
  expect(entered).toEqual(['r2'])
  places.give(id(2))
  expect([places.free(), woken]).toEqual([1, 1])
})

test('one that stops waiting leaves its turn to the next', async () => {
  const places = createPlaces({ current: { concurrency: 1 } }, () => {})
  places.tryTake(id(1))
  const stop = new AbortController()
  const gone = places.take(id(2), stop.signal)
  const next = places.take(id(3), never)
  stop.abort(new Error('paused'))
  await expect(gone).rejects.toThrow('paused')
  places.give(id(1))
  await next
  expect([places.tryTake(id(3)), places.free()]).toEqual([true, 0])
})

test('never more hold a place than there are, and no place is lost', () => {
  const step = fc.record({ act: fc.constantFrom('try', 'take', 'give', 'abort'), run: fc.integer({ min: 1, max: 5 }) })
  return fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (concurrency, steps) => {
      const places = createPlaces({ current: { concurrency } }, () => {})
      const holding = new Set<number>()
      const waiting = new Map<number, { readonly stop: AbortController; readonly ended: Promise<void> }>()
      for (const { act, run } of steps) {
        if (act === 'try' && !waiting.has(run) && places.tryTake(id(run))) holding.add(run)
        if (act === 'take' && !waiting.has(run)) {
          const stop = new AbortController()
          const ended = places.take(id(run), stop.signal).then(
            () => void holding.add(run),
            () => {},
          )
          waiting.set(run, { stop, ended: ended.then(() => void waiting.delete(run)) })
        }
        if (act === 'give' && !waiting.has(run)) {
          places.give(id(run))
          holding.delete(run)
        }
        if (act === 'abort') waiting.get(run)?.stop.abort(new Error('stop'))
        await new Promise((resolve) => setImmediate(resolve))
        expect(holding.size).toBeLessThanOrEqual(concurrency)
        expect(places.free()).toBe(concurrency - holding.size - waiting.size)
      }
      for (const { stop } of waiting.values()) stop.abort(new Error('stop'))
      await Promise.all([...waiting.values()].map(({ ended }) => ended))
      for (const run of holding) places.give(id(run))
      expect(places.free()).toBe(concurrency)
    }),
    { numRuns: 200 },
  )
})
