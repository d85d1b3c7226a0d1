import { milliseconds, sleep } from '@coxswain/kernel'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Lane } from './lanes.ts'
import type { Store } from './open-store.ts'
import { newRun, newTask, openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let other: Store
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url)
  other = await openTestStore(postgres.url, { repository: store.repository, workerId: 'w2' })
  return async () => {
    await store.close()
    await other.close()
  }
})

const never = new AbortController().signal

test('one holder at a time, whoever asks, and each lane by itself', async () => {
  let inside = 0
  const seen: number[] = []
  const body = async (): Promise<void> => {
    inside += 1
    seen.push(inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
  }
  await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 ? store : other).lanes.within('landing', body, never)))
  expect(seen).toEqual(Array(12).fill(1))
  await store.lanes.within('landing', () => other.lanes.within('another', body, never), never)
})

test('STO-44 while a lane is held another worker waits for it, and comes in when it is given back', async () => {
  const isIn = Promise.withResolvers<void>()
  const entered: string[] = []
  let waiting: Promise<void> | undefined
  await store.lanes.within(
    'landing',
    async () => {
      waiting = other.lanes.within('landing', async () => (entered.push('other'), isIn.resolve()), never)
      // Where nothing holds the other one up it is in by now.
      await Promise.race([isIn.promise, sleep(milliseconds(1_500))])
      entered.push('first is over')
    },
    never,
  )
  await waiting
  expect(entered).toEqual(['first is over', 'other'])
})

test('the token stays with a holder that gave the lane back, and grows with each other one', async () => {
  const token = (of: Store): Promise<number> => of.lanes.within('landing', async (lane) => lane.token, never)
  expect([await token(store), await token(store), await token(other), await token(store)]).toEqual([1, 1, 2, 3])
})

test('a body that fails gives the lane back; one that is called off while it waits takes no place', async () => {
  await expect(store.lanes.within('landing', () => Promise.reject(new Error('no')), never)).rejects.toThrow('no')
  const stop = new AbortController()
  await store.lanes.within(
    'landing',
    async () => {
      const waiting = other.lanes.within('landing', async () => 'never', stop.signal)
      const behind = other.lanes.within('landing', async () => 'then', never)
      stop.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      void behind
    },
    never,
  )
  expect(await other.lanes.within('landing', async () => 'mine', never)).toBe('mine')
})

test('a holder whose lease has ended loses the lane to the next, and can neither confirm nor give it back', async () => {
  const taken = Promise.withResolvers<Lane>()
  const over = Promise.withResolvers<void>()
  const first = store.lanes.within(
    'landing',
    async (lane) => {
      taken.resolve(lane)
      await over.promise
    },
    never,
  )
  const lane = await taken.promise
  await expire()
  expect(
    await other.lanes.within(
      'landing',
      async (second) => {
        expect(second.token).toBe(2)
        await expect(lane.confirm(null)).rejects.toMatchObject({ code: 'LANE_LOST' })
        expect(lane.signal.aborted).toBe(true)
        over.resolve()
        await first
        await second.confirm(null)
        return 'kept'
      },
      never,
    ),
  ).toBe('kept')
})

test('a lane is not confirmed for a run that was taken over', async () => {
  const { id } = await store.tasks.add(newTask())
  await store.runs.create(newRun(id))
  const claimed = await store.claims.next({ slots: 1 })
  await store.lanes.within(
    'landing',
    async (lane) => {
      await lane.confirm(claimed?.claim ?? null)
      await other.claims.takeOver(['w1'])
      await expect(lane.confirm(claimed?.claim ?? null)).rejects.toMatchObject({ code: 'LANE_LOST' })
    },
    never,
  )
})

test('through a restart of the server a holder keeps its lane', async () => {
  await store.lanes.within(
    'landing',
    async (lane) => {
      postgres.kill()
      await postgres.restart()
      await lane.confirm(null)
      expect(lane.signal.aborted).toBe(false)
    },
    never,
  )
  expect(await other.lanes.within('landing', async (lane) => lane.token, never)).toBe(2)
})

/** As if the holder had been cut off for longer than its lease: nobody waits for time in a test. */
async function expire(): Promise<void> {
  const { Client } = await import('pg').then((module) => module.default)
  const client = new Client(postgres.url)
  await client.connect()
  await client.query(`update coxswain.lanes set until = now() - interval '1 second' where repository = $1`, [store.repository])
  await client.end()
}
