import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@coxswain/engine'
import { systemClock } from '@coxswain/host'
import { silentLogger as logger } from '@coxswain/kernel'
import { HarnessConfig, type Run, type RunId } from '@coxswain/model'
import { firstProgress } from '@coxswain/runs'
import type { Store } from '@coxswain/store'
import { newRun, newTask, openTestStore, startTestPostgres } from '@coxswain/store/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHoldings } from './holdings.ts'
import { createLiveConfig } from './live-config.ts'
import { createPlaces } from './places.ts'
import { startScheduler, type SchedulerOptions } from './scheduler.ts'

const cleanup = new AsyncDisposableStack()
const ended: RunId[] = []
let store: Store
let options: Omit<SchedulerOptions, 'onRest'>
/** What a leg does. */
let leg: (run: RunId) => Promise<void> = async () => {}

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'cox-scheduler-'))
  cleanup.defer(() => rm(root, { recursive: true, force: true }))
  const { url } = cleanup.use(await startTestPostgres())
  const repository = randomUUID()
  store = await openTestStore(url, { repository, workerId: 'w1' })
  cleanup.defer(() => store.close())
  const engine = await createEngine({ url, repository, worker: 'w1', version: '1', clock: systemClock, logger })
  cleanup.defer(() => engine.shutdown())
  engine.register('leg', async (context, input) => {
    await context.step('work', () => leg((input as { readonly run: RunId }).run))
  })
  await engine.launch()
  const config = await createLiveConfig(root, HarnessConfig.parse({ agent: 'rewriter' }), logger)
  const places = createPlaces(config, () => {})
  const endWork = async (run: RunId): Promise<readonly number[]> => (ended.push(run), [])
  options = {
    store,
    engine,
    config,
    places,
    holdings: createHoldings(),
    isEphemeral: false,
    endWork,
    now: systemClock.now,
    logger,
  }
})
afterAll(() => cleanup.disposeAsync())

/** The run of a new task, once its leg is over and it was given back. */
async function afterLeg(): Promise<Run> {
  const task = await store.tasks.add(newTask({ agent: 'rewriter' }))
  const { id } = await store.runs.create(newRun(task.id, { agent: 'rewriter', progress: firstProgress(false) }))
  const rested = Promise.withResolvers<void>()
  const scheduler = startScheduler({ ...options, onRest: async (run) => void (run === id && rested.resolve()) })
  await rested.promise
  await scheduler.stop()
  const run = await store.runs.get(id)
  if (run === null) throw new Error('the run is gone')
  return run
}

test('a leg that breaks leaves its run blocked, with the reason, after all that worked for it was ended', async () => {
  leg = async () => Promise.reject(new Error('no space is left'))
  const { id, task, state, outcome, reason } = await afterLeg()
  const why = "Coxswain could not go on: no space is left. Look at the daemon's log; then resume the run."
  expect({ state, outcome, reason, ended }).toEqual({ state: 'blocked', outcome: 'harness-error', reason: why, ended: [id] })
  expect((await store.events.list({ run: id })).findLast(({ name }) => name.startsWith('run-'))).toMatchObject({
    name: 'run-broken',
    data: { reason: why },
  })
  expect([(await store.tasks.get(task))?.state, await store.claims.list()]).toEqual(['active', []])
})

test('a leg that ends says itself how its run ended, and the task is done with it', async () => {
  leg = async (run) => {
    const progress = { ...firstProgress(false), state: 'landed', outcome: 'landed', next: { kind: 'rest' } }
    const event = { name: 'run-waiting' as const, data: { reason: '' } }
    const patch = { outcome: 'landed' as const }
    await store.runs.transition({ run, from: ['queued', 'preparing'], to: 'landed', patch, progress, event, key: `${run}/end` })
  }
  const { task, state } = await afterLeg()
  expect([state, (await store.tasks.get(task))?.state, await store.claims.list()]).toEqual(['landed', 'done', []])
})
