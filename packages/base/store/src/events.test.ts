import { RunId, type StoredEvent } from '@coxswain/model'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url, { revive: () => postgres.restart() })
  return () => store.close()
})

const run = RunId.parse('r1')

async function take(source: AsyncIterable<StoredEvent>, count: number, stop: AbortController): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const event of source) {
    events.push(event)
    if (events.length === count) stop.abort()
  }
  return events
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

test('events keep their order, their data and their run', async () => {
  await store.events.append([
    { name: 'one-added', data: { text: `'\0"\u001b[1m`, deep: [{ a: null }] }, run },
    { name: 'two-added', data: {} },
  ])
  expect(await store.events.list()).toEqual([
    {
      seq: 1,
      at: expect.any(Number),
      task: null,
      run: 'r1',
      name: 'one-added',
      data: { text: `'␀"\u001b[1m`, deep: [{ a: null }] },
    },
    { seq: 2, at: expect.any(Number), task: null, run: null, name: 'two-added', data: {} },
  ])
  expect((await store.events.list({ after: 1 })).map((event) => event.seq)).toEqual([2])
  expect((await store.events.list({ run })).map((event) => event.seq)).toEqual([1])
  expect((await store.events.list({ limit: 1 })).map((event) => event.seq)).toEqual([1])
  expect(await store.events.last()).toBe(2)
})

test('a text of 5 MB is kept up to the limit', async () => {
  await store.events.append([{ name: 'agent-output', data: { text: 'é'.repeat(5_000_000) } }])
  const [event] = await store.events.list()
  expect(String(event?.data['text']).slice(-40)).toBe(`${'é'.repeat(14)}… [4000000 characters cut]`)
})

test('a batch with a key is written once, also when it is given twice at once', async () => {
  const batch = [
    { name: 'a-added', data: {} },
    { name: 'b-added', data: {} },
  ]
  await Promise.all([store.events.append(batch, 'k'), store.events.append(batch, 'k')])
  await store.events.append(batch, 'k')
  await store.events.append([])
  expect((await store.events.list()).map((event) => event.name)).toEqual(['a-added', 'b-added'])
})

test('who follows gets what was there and what comes, and ends when told', async () => {
  await store.events.append([{ name: 'early-added', data: {} }])
  const stop = new AbortController()
  const followed = take(store.events.follow({ after: 0, signal: stop.signal }), 2, stop)
  await store.events.append([{ name: 'late-added', data: {} }])
  expect((await followed).map((event) => event.name)).toEqual(['early-added', 'late-added'])
  const idle = new AbortController()
  const none = take(store.events.follow({ after: 2, signal: idle.signal }), 1, idle)
  idle.abort()
  expect(await none).toEqual([])
})

test('one run is followed alone', async () => {
  const stop = new AbortController()
  const followed = take(store.events.follow({ after: 0, signal: stop.signal, run }), 2, stop)
  for (const name of ['a-added', 'b-added', 'c-added'])
    await store.events.append([{ name, data: {}, run: name === 'b-added' ? null : run }])
  expect((await followed).map((event) => event.name)).toEqual(['a-added', 'c-added'])
})

test('with many writers every follower sees each event once and in order', async () => {
  const writers = await Promise.all(upTo(3).map(() => openTestStore(postgres.url, { repository: store.repository })))
  const [perWriter, batch] = [40, 3]
  const total = writers.length * perWriter * batch
  const followers = upTo(3).map(() => {
    const stop = new AbortController()
    return take(store.events.follow({ after: 0, signal: stop.signal }), total, stop)
  })
  const write = async (writer: Store, index: number): Promise<void> => {
    for (const round of upTo(perWriter))
      await writer.events.append(upTo(batch).map((part) => ({ name: `w-${index}`, data: { round, part } })))
  }
  await Promise.all(writers.map(write))
  for (const events of await Promise.all(followers)) {
    expect(events.map((event) => event.seq)).toEqual(upTo(total))
    for (const [index] of writers.entries()) {
      const mine = events.filter((event) => event.name === `w-${index}`)
      expect(mine.map((event) => event.data)).toEqual(
        upTo(perWriter).flatMap((round) => upTo(batch).map((part) => ({ part, round }))),
      )
    }
  }
  await Promise.all(writers.map((writer) => writer.close()))
})

test('killing the server in the middle costs a follower nothing', async () => {
  const [total, kills] = [300, new Set([60, 180])]
  const stop = new AbortController()
  const followed = take(store.events.follow({ after: 0, signal: stop.signal }), total, stop)
  for (const n of upTo(total)) {
    if (kills.has(n)) postgres.kill()
    await store.events.append([{ name: 'n-added', data: { n } }])
  }
  const events = await followed
  expect(events.map((event) => event.seq)).toEqual(upTo(total))
  expect(events.map((event) => event.data['n'])).toEqual(upTo(total))
})

test('who waits for work is called for work alone', async () => {
  const stop = new AbortController()
  let calls = 0
  let onCall = (): void => {}
  await store.events.onWork(() => {
    calls += 1
    onCall()
  }, stop.signal)
  calls = 0
  await store.events.append([{ name: 'agent-message', data: {}, run }])
  const called = new Promise<void>((resolve) => (onCall = resolve))
  await store.events.append([
    { name: 'agent-message', data: {}, run },
    { name: 'run-resumed', data: { to: 'queued' }, run },
  ])
  await called
  expect(calls).toBe(1)
  stop.abort()
})

test('the last events of several runs come newest first, so many of each', async () => {
  const [first, second, none] = ['r1', 'r2', 'r3'].map((id) => RunId.parse(id))
  if (first === undefined || second === undefined || none === undefined) throw new Error('three ids')
  for (const name of ['one', 'two', 'three'])
    await store.events.append([
      { name, data: {}, run: first },
      { name, data: {}, run: second },
    ])
  await store.events.append([{ name: 'of-no-run', data: {} }])
  const found = await store.events.recent({ runs: [second, first, none], each: 2 })
  expect(found.map(({ seq, run: of, name }) => [seq, of, name])).toEqual([
    [6, 'r2', 'three'],
    [5, 'r1', 'three'],
    [4, 'r2', 'two'],
    [3, 'r1', 'two'],
  ])
  expect(await store.events.recent({ runs: [], each: 2 })).toEqual([])
})
