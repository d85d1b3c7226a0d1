import type { RunId } from '@coxswain/model'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { newRun, newTask, openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let run: RunId
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url)
  const { id } = await store.tasks.add(newTask())
  run = (await store.runs.create(newRun(id))).id
  return () => store.close()
})

const tokens = { input: 10, cachedInput: 20, cacheWrite: 30, output: 40, reasoning: 50 }
const nothing = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 }

test('nothing recorded is nothing spent', async () => {
  expect(await store.turns.sumOfRun(run)).toEqual({ turns: 0, tokens: nothing, costUsd: 0, unpricedTurns: 0, wallMs: 0 })
})

test('figures of a turn replace earlier ones of the same turn, and add up over turns', async () => {
  await store.turns.record({ run, key: '1', model: 'm', tokens: { ...nothing, input: 5 }, costUsd: null, wallMs: 1 })
  await store.turns.record({ run, key: '1', model: 'm', tokens, costUsd: 0.5, wallMs: 100.5 })
  await store.turns.record({ run, key: '2', model: null, tokens, costUsd: null, wallMs: 1 })
  const sum = {
    turns: 2,
    tokens: { input: 20, cachedInput: 40, cacheWrite: 60, output: 80, reasoning: 100 },
    costUsd: 0.5,
    unpricedTurns: 1,
    wallMs: 101.5,
  }
  expect(await store.turns.sumOfRun(run)).toEqual(sum)
  expect(await store.turns.sumBetween(0, Date.now() + 1_000)).toEqual(sum)
  expect((await store.turns.sumBetween(0, 1)).turns).toBe(0)
})

test('without any price there is no cost, which is not the same as none', async () => {
  await store.turns.record({ run, key: '1', model: 'm', tokens, costUsd: null, wallMs: 1 })
  expect(await store.turns.sumOfRun(run)).toMatchObject({ costUsd: null, unpricedTurns: 1 })
})
