import { TaskId } from '@coxswain/model'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import { newTask, openTestStore, startTestPostgres, type TestPostgres } from './testing.ts'

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

test('a task is kept as it was added, hostile text included', async () => {
  const text = `'; drop table tasks; -- \u001b[31m $(id) {{x}} ü\u{1F6A3} a\0b`
  const budget = { tokens: 5, usd: 0.25, timeMs: 60_000 }
  const added = await store.tasks.add(
    newTask({
      text,
      title: 't',
      priority: 3,
      package: 'packages/a b',
      agent: 'acp:x --y',
      budget,
      mayLand: true,
      origin: 'file:é.md',
    }),
  )
  expect(added).toEqual({
    id: 't1',
    text: text.replace('\0', '␀'),
    title: 't',
    priority: 3,
    package: 'packages/a b',
    agent: 'acp:x --y',
    budget,
    mayLand: true,
    state: 'queued',
    origin: 'file:é.md',
    createdAt: expect.any(Number),
  })
  expect(await store.tasks.get(added.id)).toEqual(added)
})

test('ids count up, and a key adds only once', async () => {
  const [one, two] = [await store.tasks.add(newTask(), 'key'), await store.tasks.add(newTask())]
  expect([one.id, two.id]).toEqual(['t1', 't2'])
  expect(await store.tasks.add(newTask({ text: 'other' }), 'key')).toEqual(one)
  expect((await store.tasks.list()).map((task) => task.id)).toEqual(['t1', 't2'])
})

test('many that add at once get ids of their own', async () => {
  const other = await openTestStore(postgres.url, { repository: store.repository })
  const added = await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 ? store : other).tasks.add(newTask())))
  await other.close()
  expect(new Set(added.map((task) => task.id)).size).toBe(30)
  expect((await store.events.list()).map((event) => event.seq)).toEqual(added.map((_, index) => index + 1))
})

test('the same key given twice at once adds one task', async () => {
  const other = await openTestStore(postgres.url, { repository: store.repository })
  const added = await Promise.all([store, other, store, other].map((each) => each.tasks.add(newTask(), 'same')))
  await other.close()
  expect(new Set(added.map((task) => task.id)).size).toBe(1)
  expect((await store.events.list()).map((event) => event.name)).toEqual(['task-added'])
})

test('states change only from where they may', async () => {
  const { id } = await store.tasks.add(newTask())
  expect((await store.tasks.setState({ task: id, from: ['queued'], to: 'active' }))?.state).toBe('active')
  expect((await store.tasks.setState({ task: id, from: ['queued'], to: 'active' }))?.state).toBe('active')
  expect(await store.tasks.setState({ task: id, from: ['queued'], to: 'done' })).toBe(null)
  expect((await store.tasks.cancel(id))?.state).toBe('cancelled')
  expect((await store.tasks.cancel(id))?.state).toBe('cancelled')
  expect(await store.tasks.setState({ task: id, from: ['queued', 'active'], to: 'done' })).toBe(null)
  expect(await store.tasks.cancel(TaskId.parse('t99'))).toBe(null)
  expect(await store.tasks.get(TaskId.parse('t99'))).toBe(null)
  expect((await store.events.list()).map((event) => [event.name, event.task])).toEqual([
    ['task-added', 't1'],
    ['task-active', 't1'],
    ['task-cancelled', 't1'],
  ])
})

test('a list holds the wanted states', async () => {
  const { id } = await store.tasks.add(newTask())
  await store.tasks.add(newTask())
  await store.tasks.cancel(id)
  expect((await store.tasks.list({ states: ['queued'] })).map((task) => task.id)).toEqual(['t2'])
  expect(await store.tasks.list({ states: [] })).toEqual([])
})
