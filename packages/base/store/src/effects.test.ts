import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Store } from './open-store.ts'
import { openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url)
  return () => store.close()
})

test('an effect is performed once and remembered', async () => {
  let times = 0
  const effect = { key: 'r1/land', schema: z.object({ n: z.number() }), perform: async () => ({ n: ++times }) }
  expect([await store.effects.once(effect), await store.effects.once(effect)]).toEqual([{ n: 1 }, { n: 1 }])
  expect(await store.effects.once({ ...effect, key: 'r2/land' })).toEqual({ n: 2 })
})

test('an effect without a result is remembered too', async () => {
  let times = 0
  const effect = { key: 'k', schema: z.undefined(), perform: async () => void (times += 1) }
  expect([await store.effects.once(effect), await store.effects.once(effect)]).toEqual([undefined, undefined])
  expect(times).toBe(1)
})

test('a failed effect is performed again', async () => {
  const effect = { key: 'k', schema: z.string(), perform: () => Promise.reject(new Error('no')) }
  await expect(store.effects.once(effect)).rejects.toThrow('no')
  expect(await store.effects.once({ ...effect, perform: async () => 'yes' })).toBe('yes')
})

test('when two perform at once, both get what was recorded first', async () => {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const perform = async (): Promise<string> => (begun.resolve(), await goOn.promise, 'slow')
  const slow = store.effects.once({ key: 'k', schema: z.string(), perform })
  await begun.promise
  expect(await store.effects.once({ key: 'k', schema: z.string(), perform: async () => 'fast' })).toBe('fast')
  goOn.resolve()
  expect(await slow).toBe('fast')
})
