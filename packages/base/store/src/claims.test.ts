import { RunId, type RunState, type TaskId } from '@coxswain/model'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { newRun, newTask, openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let other: Store
let task: TaskId
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url)
  other = await openTestStore(postgres.url, { repository: store.repository, workerId: 'w2' })
  task = (await store.tasks.add(newTask())).id
  return async () => {
    await store.close()
    await other.close()
  }
})

test('runs are claimed by priority, then by age, up to the slots', async () => {
  for (const priority of [5, 1, 5, 1]) await store.runs.create(newRun(task, { priority }))
  const claimed = []
  for (let run = await store.claims.next({ slots: 3 }); run !== null; run = await store.claims.next({ slots: 3 }))
    claimed.push(run.run.id)
  expect(claimed).toEqual(['r2', 'r4', 'r1'])
  expect(await store.claims.list()).toEqual(['r1', 'r2', 'r4'])
  expect((await other.claims.next({ slots: 3 }))?.run.id).toBe('r3')
  expect(await other.claims.next({ slots: 3 })).toBe(null)
  expect(
    (await store.events.list()).filter((event) => event.name === 'run-claimed').map((event) => [event.run, event.data['worker']]),
  ).toEqual([
    ['r2', 'w1'],
    ['r4', 'w1'],
    ['r1', 'w1'],
    ['r3', 'w2'],
  ])
})

test('runs that wait or land leave their slots to others, but an agent that is waited for gets no further run', async () => {
  for (const agent of ['codex', 'codex', 'claude', 'claude']) await store.runs.create(newRun(task, { agent }))
  const first = await store.claims.next({ slots: 1 })
  expect([first?.run.id, await store.claims.next({ slots: 1 })]).toEqual(['r1', null])
  const move = (run: string, to: RunState): Promise<unknown> =>
    store.runs.transition({
      run: RunId.parse(run),
      from: ['queued'],
      to,
      progress: {},
      event: sampleEvent('moved'),
      key: `${run} ${to}`,
    })
  await move('r1', 'waiting')
  expect((await store.claims.next({ slots: 1 }))?.run.id).toBe('r3')
  expect(await store.claims.next({ slots: 1 })).toBe(null)
  await move('r3', 'landing')
  expect((await store.claims.next({ slots: 1 }))?.run.id).toBe('r4')
  expect((await other.claims.next({ slots: 1 }))?.run.id).toBe('r2')
})

test('of workers that race for runs each run goes to exactly one', async () => {
  const count = 30
  for (let index = 0; index < count; index += 1) await store.runs.create(newRun(task))
  const race = (worker: Store) => Promise.all(Array.from({ length: count }, () => worker.claims.next({ slots: 1_000 })))
  const claimed = (await Promise.all([race(store), race(other)])).flat().filter((run) => run !== null)
  expect(claimed).toHaveLength(count)
  expect(new Set(claimed.map(({ run }) => run.id)).size).toBe(count)
})

test('a single run is claimed once by all that want it', async () => {
  for (let round = 0; round < 10; round += 1) {
    await store.runs.create(newRun(task))
    const results = await Promise.all([store, other, store, other].map((worker) => worker.claims.next({ slots: 100 })))
    expect(results.filter((run) => run !== null)).toHaveLength(1)
  }
})

test('only the wanted runs are claimed when they are named', async () => {
  for (let index = 0; index < 3; index += 1) await store.runs.create(newRun(task))
  const among = [RunId.parse('r2'), RunId.parse('r3')]
  const claimed = [
    await store.claims.next({ slots: 9, among }),
    await store.claims.next({ slots: 9, among }),
    await store.claims.next({ slots: 9, among }),
  ]
  expect(claimed.map((each) => each?.run.id)).toEqual(['r2', 'r3', undefined])
  expect(await store.claims.next({ slots: 9, among: [] })).toBe(null)
})

test('a released run is free again, for its holder alone to release', async () => {
  const { id } = await store.runs.create(newRun(task))
  await store.claims.next({ slots: 1 })
  expect(await other.claims.release({ run: id, token: 1 })).toBe(false)
  expect(await store.claims.release({ run: id, token: 0 })).toBe(false)
  expect(await store.claims.release({ run: id, token: 1 })).toBe(true)
  expect(await store.claims.release({ run: id, token: 1 })).toBe(false)
  expect((await other.claims.next({ slots: 1 }))?.run.id).toBe(id)
})

test('a run that is not queued is not claimed', async () => {
  const { id } = await store.runs.create(newRun(task))
  await store.runs.transition({
    run: id,
    from: ['queued'],
    to: 'cancelled',
    event: sampleEvent('cancelled'),
    progress: null,
    key: 'k',
  })
  expect(await store.claims.next({ slots: 1 })).toBe(null)
})

test('what a dead worker holds is taken over', async () => {
  for (let index = 0; index < 3; index += 1) await store.runs.create(newRun(task))
  await store.claims.next({ slots: 9 })
  await store.claims.next({ slots: 9 })
  await other.claims.next({ slots: 9 })
  expect(await other.claims.takeOver([])).toEqual([])
  expect(await other.claims.takeOver(['w1', 'nobody'])).toEqual([
    { run: 'r1', token: 2 },
    { run: 'r2', token: 2 },
  ])
  expect([await other.claims.list(), await other.claims.list('w1')]).toEqual([['r1', 'r2', 'r3'], []])
})
