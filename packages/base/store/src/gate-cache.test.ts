import type { GateResult } from '@coxswain/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

test('the latest result of a gate on a tree is kept', async () => {
  const store = await openTestStore(postgres.url)
  const failed: GateResult = {
    gate: 'test',
    verdict: 'failed',
    exitCode: 1,
    wallMs: 5.5,
    excerpt: 'no\0',
    logFile: '/tmp/a b.log',
    tree: 'abc',
  }
  const passed: GateResult = { ...failed, verdict: 'passed', exitCode: 0, excerpt: '' }
  const key = { gate: 'definition', tree: 'abc' }
  expect(await store.gateCache.get(key)).toBe(null)
  await store.gateCache.put(key, failed)
  expect(await store.gateCache.get(key)).toEqual({ ...failed, excerpt: 'no␀' })
  await store.gateCache.put(key, passed)
  expect(await store.gateCache.get(key)).toEqual(passed)
  expect(await store.gateCache.get({ ...key, gate: 'other' })).toBe(null)
  await store.close()
})
