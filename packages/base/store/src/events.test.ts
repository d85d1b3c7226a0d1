import { knownEvent, RunId, TaskId, type StoredEvent } from '@coxswain/model'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EventFilter } from './events.ts'
import type { Store } from './open-store.ts'
import { openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

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
const task = TaskId.parse('t1')

async function take(source: AsyncIterable<StoredEvent>, count: number, stop: AbortController): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const event of source) {
    events.push(event)
    if (events.length === count) stop.abort()
  }
  return events
}

const reasonOf = (event: StoredEvent): unknown => event.data['reason']
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

test('events keep their order, their data and their run', async () => {
  await store.events.append([
    { name: 'run-waiting', data: { reason: `'\0"\u001b[1m`, deep: [{ a: null }] }, run },
    { name: 'task-done', data: {}, task },
  ])
  expect(await store.events.list()).toEqual([
    {
      seq: 1,
      at: expect.any(Number),
      task: null,
      run: 'r1',
      name: 'run-waiting',
      data: { reason: `'␀"\u001b[1m`, deep: [{ a: null }] },
      version: 1,
    },
    { seq: 2, at: expect.any(Number), task, run: null, name: 'task-done', data: {}, version: 1 },
  ])
  expect((await store.events.list({ after: 1 })).map((event) => event.seq)).toEqual([2])
  expect((await store.events.list({ run })).map((event) => event.seq)).toEqual([1])
  expect((await store.events.list({ limit: 1 })).map((event) => event.seq)).toEqual([1])
  expect(await store.events.last()).toBe(2)
})

test('events are asked for by name, task, run, time and place, oldest or newest first', async () => {
  await store.events.append([sampleEvent('1'), { ...sampleEvent('2'), task }, { name: 'run-broken', data: { reason: '3' }, run }])
  const { at = 0 } = (await store.events.list({ order: 'newest', limit: 1 }))[0] ?? {}
  await expect.poll(() => Date.now()).toBeGreaterThan(at)
  await store.events.append([{ ...sampleEvent('4'), run, task }])
  const found = async (filter: EventFilter): Promise<string> => (await store.events.list(filter)).map(reasonOf).join(' ')
  expect(await found({ names: ['run-waiting'] })).toBe('1 2 4')
  expect(await found({ names: ['run-broken', 'moon-rose'] })).toBe('3')
  expect(await found({ names: [] })).toBe('')
  expect(await found({ task })).toBe('2 4')
  expect(await found({ run, order: 'newest' })).toBe('4 3')
  expect(await found({ since: at + 1 })).toBe('4')
  expect(await found({ until: at + 1 })).toBe('1 2 3')
  expect(await found({ before: 3 })).toBe('1 2')
  expect(await found({ after: 1, before: 4, order: 'newest', limit: 1 })).toBe('3')
  expect((await store.events.newest({ run, names: ['run-broken'] }))?.seq).toBe(3)
  expect(await store.events.newest({ run, names: ['task-done'] })).toBeNull()
})

test('an event of a later version is kept as it is, and known for what it is not', async () => {
  await store.events.append([sampleEvent('later')])
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(
    `update coxswain.events set name = 'moon-rose', version = 7, data = '{"phase":"full"}' where repository = $1`,
    [store.repository],
  )
  await client.end()
  const [event] = await store.events.list()
  expect(event).toMatchObject({ name: 'moon-rose', version: 7, data: { phase: 'full' } })
  expect(event && knownEvent(event)).toBeNull()
})

test('a text of 5 MB is kept up to the limit', async () => {
  await store.events.append([sampleEvent('é'.repeat(5_000_000))])
  const [event] = await store.events.list()
  expect(String(event?.data['reason']).slice(-40)).toBe(`${'é'.repeat(14)}… [4000000 characters cut]`)
})

test('a batch with a key is written once, also when it is given twice at once', async () => {
  const batch = [sampleEvent('a'), sampleEvent('b')]
  await Promise.all([store.events.append(batch, 'k'), store.events.append(batch, 'k')])
  await store.events.append(batch, 'k')
  await store.events.append([])
  expect((await store.events.list()).map(reasonOf)).toEqual(['a', 'b'])
})

test('who follows gets what was there and what comes, and ends when told', async () => {
  await store.events.append([sampleEvent('early')])
  const stop = new AbortController()
  const followed = take(store.events.follow({ after: 0, signal: stop.signal }), 2, stop)
  await store.events.append([sampleEvent('late')])
  expect((await followed).map(reasonOf)).toEqual(['early', 'late'])
  const idle = new AbortController()
  const none = take(store.events.follow({ after: 2, signal: idle.signal }), 1, idle)
  idle.abort()
  expect(await none).toEqual([])
})

test('one run is followed alone', async () => {
  const stop = new AbortController()
  const followed = take(store.events.follow({ after: 0, signal: stop.signal, run }), 2, stop)
  for (const reason of ['a', 'b', 'c']) await store.events.append([{ ...sampleEvent(reason), run: reason === 'b' ? null : run }])
  expect((await followed).map(reasonOf)).toEqual(['a', 'c'])
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
      await writer.events.append(upTo(batch).map((part) => sampleEvent(`w-${index}`, { round, part })))
  }
  await Promise.all(writers.map(write))
  for (const events of await Promise.all(followers)) {
    expect(events.map((event) => event.seq)).toEqual(upTo(total))
    for (const [index] of writers.entries()) {
      const mine = events.filter((event) => reasonOf(event) === `w-${index}`)
      expect(mine.map((event) => event.data)).toEqual(
        upTo(perWriter).flatMap((round) => upTo(batch).map((part) => ({ part, round, reason: `w-${index}` }))),
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
    await store.events.append([sampleEvent('', { n })])
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
  await store.events.append([{ ...sampleEvent('no work'), run }])
  const called = new Promise<void>((resolve) => (onCall = resolve))
  await store.events.append([
    { ...sampleEvent('no work'), run },
    { name: 'run-resumed', data: { from: 'paused', to: 'queued', text: '' }, run },
  ])
  await called
  expect(calls).toBe(1)
  stop.abort()
})

test('the last events of several runs come newest first, so many of each', async () => {
  const [first, second, none] = ['r1', 'r2', 'r3'].map((id) => RunId.parse(id))
  if (first === undefined || second === undefined || none === undefined) throw new Error('three ids')
  for (const reason of ['one', 'two', 'three'])
    await store.events.append([
      { ...sampleEvent(reason), run: first },
      { ...sampleEvent(reason), run: second },
    ])
  await store.events.append([sampleEvent('of no run')])
  const found = await store.events.recent({ runs: [second, first, none], each: 2 })
  expect(found.map((event) => [event.seq, event.run, reasonOf(event)])).toEqual([
    [6, 'r2', 'three'],
    [5, 'r1', 'three'],
    [4, 'r2', 'two'],
    [3, 'r1', 'two'],
  ])
  expect(await store.events.recent({ runs: [], each: 2 })).toEqual([])
})
