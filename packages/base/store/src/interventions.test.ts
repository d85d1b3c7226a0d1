import { sleep } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { ann, newRun, newTask, openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let run: RunId
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url, { revive: () => postgres.restart() })
  const { id } = await store.tasks.add(newTask())
  run = (await store.runs.create(newRun(id))).id
  return () => store.close()
})

const said = sampleEvent('said')

test('what a person says is pending until it is consumed, in its order', async () => {
  const one = await store.interventions.add({ run, kind: 'say', text: 'stop\0 `rm`', actor: ann })
  const two = await store.interventions.add({ run, kind: 'pause', text: '', actor: ann })
  expect(one).toEqual({
    id: expect.any(Number),
    run,
    kind: 'say',
    text: 'stop␀ `rm`',
    at: expect.any(Number),
    actor: ann,
    budget: null,
  })
  expect(await store.interventions.pending(run)).toEqual([one, two])
  expect(await store.interventions.consume(one.id, said)).toBe(true)
  expect(await store.interventions.pending(run)).toEqual([two])
  expect((await store.events.list({ run })).slice(1).map(({ name, data }) => ({ name, data }))).toEqual([
    { name: 'intervention-added', data: { id: one.id, kind: 'say', text: 'stop␀ `rm`', actor: ann } },
    { name: 'intervention-added', data: { id: two.id, kind: 'pause', text: '', actor: ann } },
    said,
  ])
})

test('of many that consume at once exactly one does', async () => {
  const { id } = await store.interventions.add({ run, kind: 'say', text: 'x', actor: ann })
  const other = await openTestStore(postgres.url, { repository: store.repository })
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, index) => (index % 2 ? store : other).interventions.consume(id, said)),
  )
  await other.close()
  expect(results.filter(Boolean)).toHaveLength(1)
  expect((await store.events.list({ run })).filter((event) => event.name === said.name)).toHaveLength(1)
  expect(await store.interventions.consume(id, said)).toBe(false)
})

test('a key adds only once', async () => {
  const one = await store.interventions.add({ run, kind: 'approve', text: '', actor: ann }, 'k')
  expect(await store.interventions.add({ run, kind: 'approve', text: '', actor: ann }, 'k')).toEqual(one)
  expect(await store.interventions.pending(run)).toEqual([one])
})

test('who watches is told of what waits and of what comes, also after the server was killed', async () => {
  const stop = new AbortController()
  const seen: string[] = []
  const consumed: string[] = []
  const other = await openTestStore(postgres.url, { repository: store.repository, revive: () => postgres.restart() })
  const watching = (async () => {
    for await (const id of other.interventions.watch({ signal: stop.signal })) {
      seen.push(id)
      for (const { id: number, text } of await other.interventions.pending(id)) {
        if (await other.interventions.consume(number, said)) consumed.push(text)
      }
    }
  })()
  for (const text of ['one', 'two']) await store.interventions.add({ run, kind: 'say', text, actor: ann })
  while (consumed.length < 2) await sleep(5)
  postgres.kill()
  await store.interventions.add({ run, kind: 'say', text: 'three', actor: ann })
  while (consumed.length < 3) await sleep(5)
  stop.abort()
  await watching
  await other.close()
  expect(consumed).toEqual(['one', 'two', 'three'])
  expect(new Set(seen)).toEqual(new Set([run]))
})

test('what became of one is told: it waits, or was consumed by itself or with a transition', async () => {
  const add = async (): Promise<number> =>
    (await store.interventions.add({ run, kind: 'resume', text: '', actor: ann, budget: { tokens: 9, usd: null } })).id
  const [one, two] = [await add(), await add()]
  expect((await store.interventions.pending(run)).map(({ budget }) => budget)).toEqual([
    { tokens: 9, usd: null },
    { tokens: 9, usd: null },
  ])
  expect(await store.interventions.fate(one)).toEqual({ kind: 'pending' })
  await store.interventions.consume(one, { name: 'intervention-refused', data: { kind: 'say', why: 'late' } })
  await store.runs.transition({
    run,
    from: ['queued'],
    to: 'preparing',
    event: sampleEvent('moved'),
    progress: null,
    consumes: [two],
    key: 'k',
  })
  expect([await store.interventions.fate(one), await store.interventions.fate(two)]).toEqual([
    { kind: 'consumed', event: { name: 'intervention-refused', data: { kind: 'say', why: 'late' } } },
    { kind: 'consumed', event: null },
  ])
})
