import { CommitId, RunId, type TaskId } from '@coxswain/model'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from './open-store.ts'
import type { Transition } from './runs.ts'
import { ann, newRun, newTask, openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

let postgres: TestPostgres
let store: Store
let task: TaskId
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())
beforeEach(async () => {
  store = await openTestStore(postgres.url)
  task = (await store.tasks.add(newTask())).id
  return () => store.close()
})

function toPreparing(run: RunId, changes: Partial<Transition> = {}): Transition {
  return {
    run,
    from: ['queued'],
    to: 'preparing',
    event: sampleEvent('test'),
    progress: { step: 1 },
    key: `${run}/1`,
    ...changes,
  }
}

const base = CommitId.parse('0123456789012345678901234567890123456789')

test('a run starts queued, with nothing spent', async () => {
  const run = await store.runs.create(newRun(task, { agent: 'claude', model: 'm', mayLand: true }), 'k')
  expect(run).toEqual({
    id: 'r1',
    task: 't1',
    agent: 'claude',
    model: 'm',
    state: 'queued',
    outcome: null,
    reason: null,
    branch: 'coxswain/r1',
    target: null,
    base: null,
    head: null,
    landed: null,
    turns: 0,
    gateFailures: 0,
    tokens: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    costUsd: 0,
    budget: { tokens: null, usd: null, timeMs: null },
    mayLand: true,
    activeMs: 0,
    createdAt: expect.any(Number),
    updatedAt: run.createdAt,
  })
  expect(await store.runs.create(newRun(task), 'k')).toEqual(run)
  expect(await store.runs.get(run.id)).toEqual(run)
  expect(await store.runs.get(RunId.parse('r99'))).toBe(null)
})

test('a transition sets state, fields, progress and event together', async () => {
  const { id } = await store.runs.create(newRun(task))
  const patch = {
    base,
    outcome: 'blocked',
    reason: 'a\0?',
    turns: 2,
    tokens: { input: 1, cachedInput: 2, cacheWrite: 3, output: 4, reasoning: 5 },
    costUsd: null,
    activeMs: 1.5,
  } as const
  const moved = await store.runs.transition(toPreparing(id, { patch }))
  expect(moved).toMatchObject({ kind: 'moved', run: { ...patch, reason: 'a␀?', state: 'preparing' }, progress: { step: 1 } })
  expect(await store.runs.get(id)).toEqual(moved.run)
  expect(await store.runs.progress(id)).toEqual({ step: 1 })
  expect((await store.events.list({ run: id })).map(({ name, run, task: of, data }) => ({ name, run, of, data }))).toEqual([
    { name: 'run-created', run: 'r1', of: 't1', data: { agent: 'codex', model: null } },
    { name: 'run-waiting', run: 'r1', of: 't1', data: { reason: 'test' } },
  ])
})

test('the same key again returns what was recorded and changes nothing', async () => {
  const { id } = await store.runs.create(newRun(task))
  const first = await store.runs.transition(toPreparing(id))
  await store.runs.transition({ ...toPreparing(id, { key: 'next' }), from: ['preparing'], to: 'working' })
  const events = await store.events.list()
  expect(await store.runs.transition(toPreparing(id))).toEqual(first)
  expect((await store.runs.get(id))?.state).toBe('working')
  expect(await store.events.list()).toEqual(events)
})

test('what an older version recorded of a transition counts', async () => {
  const { id } = await store.runs.create(newRun(task))
  const moved = await store.runs.transition(toPreparing(id))
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client
    .query('update coxswain.effects set result = $1 where repository = $2', [
      JSON.stringify({ value: { run: moved.run, progress: { step: 1 } } }),
      store.repository,
    ])
    .finally(() => client.end())
  expect(await store.runs.transition(toPreparing(id))).toEqual(moved)
})

test('a transition from another state is lost and leaves no trace', async () => {
  const run = await store.runs.create(newRun(task))
  const events = await store.events.list()
  expect(await store.runs.transition(toPreparing(run.id, { from: ['working'] }))).toEqual({ kind: 'lost', run })
  expect(await store.runs.transition(toPreparing(RunId.parse('r99')))).toEqual({ kind: 'lost', run: null })
  expect(await store.events.list()).toEqual(events)
})

test('of many that move a run at once exactly one does', async () => {
  const { id } = await store.runs.create(newRun(task))
  const other = await openTestStore(postgres.url, { repository: store.repository })
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? store : other).runs.transition(toPreparing(id, { key: `try-${index}` })),
    ),
  )
  await other.close()
  expect(results.filter((result) => result.kind === 'moved')).toHaveLength(1)
  expect((await store.events.list({ run: id })).map((event) => event.name)).toEqual(['run-created', 'run-waiting'])
})

test('the same transition given many times at once happens once, and all are told so', async () => {
  const { id } = await store.runs.create(newRun(task))
  const other = await openTestStore(postgres.url, { repository: store.repository })
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? store : other).runs.transition(toPreparing(id))),
  )
  await other.close()
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
  expect(results[0]?.kind).toBe('moved')
  expect((await store.events.list({ run: id })).map((event) => event.name)).toEqual(['run-created', 'run-waiting'])
})

test('a transition settles the interventions it answers', async () => {
  const { id } = await store.runs.create(newRun(task))
  const one = await store.interventions.add({ run: id, kind: 'say', text: 'a', actor: ann })
  const two = await store.interventions.add({ run: id, kind: 'say', text: 'b', actor: ann })
  await store.runs.transition(toPreparing(id, { consumes: [one.id] }))
  expect(await store.interventions.pending(id)).toEqual([two])
})

test('a run comes with its task', async () => {
  const { id } = await store.runs.create(newRun(task))
  const found = await store.runs.withTask(id)
  expect([found?.run, found?.task]).toEqual([await store.runs.get(id), await store.tasks.get(task)])
  expect(await store.runs.withTask(RunId.parse('r99'))).toBe(null)
})

test('fields are set in any state, and lists are by state and task', async () => {
  const { id } = await store.runs.create(newRun(task))
  const second = (await store.tasks.add(newTask())).id
  await store.runs.create(newRun(second))
  expect((await store.runs.update(id, { turns: 4, gateFailures: 1 }))?.turns).toBe(4)
  expect(await store.runs.update(RunId.parse('r99'), { turns: 1 })).toBe(null)
  await store.runs.transition(toPreparing(id))
  expect((await store.runs.list({ states: ['queued'] })).map((run) => run.id)).toEqual(['r2'])
  expect((await store.runs.list({ task })).map((run) => run.id)).toEqual(['r1'])
  expect((await store.runs.list()).map((run) => run.id)).toEqual(['r1', 'r2'])
})

test('a number whose branch may not be made is passed over for good, and the target is kept', async () => {
  const branch = (id: string): string | null => (id === 'r1' || id === 'r3' ? null : `cox/${id}`)
  const made = { ...newRun(task), branch, target: 'dev' }
  const runs = [await store.runs.create(made, 'one'), await store.runs.create(made, 'one'), await store.runs.create(made, 'two')]
  expect(runs.map(({ id, branch: name, target }) => [id, name, target])).toEqual([
    ['r2', 'cox/r2', 'dev'],
    ['r2', 'cox/r2', 'dev'],
    ['r4', 'cox/r4', 'dev'],
  ])
  expect((await store.runs.create(newRun(task))).id).toBe('r5')
})
