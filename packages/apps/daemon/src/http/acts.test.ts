import { interventionKinds, type Run, type RunState } from '@coxswain/model'
import { firstProgress, type RunProgress } from '@coxswain/runs'
import { newRun, newTask } from '@coxswain/store/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRunControls } from '../run-controls.ts'
import { createApp } from './create-app.ts'
import type { DaemonContext } from './daemon-context.ts'
import { openTestContext, type TestContext } from './testing/open-test-context.ts'

/* What a person's act does, as they are told, as it is stored, and as the live run hears it. */

let opened: TestContext
let context: DaemonContext
beforeAll(async () => {
  opened = await openTestContext()
  context = opened.context
})
afterAll(() => opened[Symbol.asyncDispose]())

type Kind = (typeof interventionKinds)[number]

const commit = 'a'.repeat(40)
const started: RunProgress = { ...firstProgress(false), base: commit, head: commit, tree: commit, turns: 1 }
const resting = { ...started, next: { kind: 'rest' } } as const
const places: Readonly<Record<string, RunProgress>> = {
  queued: firstProgress(false),
  preparing: { ...started, state: 'preparing', next: { kind: 'check' } },
  working: { ...started, state: 'working', next: { kind: 'check' } },
  waiting: { ...started, state: 'waiting', next: { kind: 'check' } },
  checking: { ...started, state: 'checking', next: { kind: 'check' } },
  landing: { ...started, state: 'landing', next: { kind: 'land' }, mayLand: true },
  'awaiting-approval': { ...resting, state: 'awaiting-approval', outcome: 'awaiting-approval' },
  paused: { ...resting, state: 'paused', outcome: 'paused' },
  blocked: { ...resting, state: 'blocked', outcome: 'blocked' },
  landed: { ...resting, state: 'landed', outcome: 'landed' },
  stopped: { ...resting, state: 'stopped', outcome: 'budget-exceeded' },
  cancelled: { ...resting, state: 'cancelled', outcome: 'cancelled' },
}

async function runIn(progress: RunProgress): Promise<Run> {
  const { store } = context
  const { id } = await store.tasks.add(newTask({ agent: 'rewriter' }))
  const run = await store.runs.create(newRun(id, { agent: 'rewriter', progress: firstProgress(false) }))
  await move(run, progress)
  return run
}

/** As the run's worker records the end of a step. */
async function move({ id }: Run, progress: RunProgress): Promise<void> {
  const { state } = (await context.store.runs.get(id)) ?? { state: 'queued' as RunState }
  await context.store.runs.transition({
    run: id,
    from: [state],
    to: progress.state,
    patch: { outcome: progress.outcome },
    progress,
    event: { name: 'run-waiting', data: { reason: 'moved' } },
    key: `${id}/${Math.random()}`,
  })
}

interface Answer {
  readonly status: number
  readonly effect?: string
  readonly run?: Run
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

async function act(run: Run, kind: Kind, more: object = {}): Promise<Answer> {
  const app = createApp(context, () => ({ kind: 'person', name: 'ann' }))
  const body = JSON.stringify({ kind, text: kind === 'say' ? 'use tabs' : '', ...more })
  const response = await app.request(`/v1/runs/${run.id}/interventions`, { method: 'POST', headers: { host: 'localhost' }, body })
  return { status: response.status, ...((await response.json()) as object) }
}

async function pendingKinds(run: Run): Promise<string> {
  return (await context.store.interventions.pending(run.id)).map(({ kind }) => kind).join(' ')
}

test('each act in each state: what is told, and what waits to be heard', async () => {
  const rows: string[] = []
  for (const [name, progress] of Object.entries(places)) {
    for (const kind of interventionKinds) {
      const run = await runIn(progress)
      const { effect, error } = await act(run, kind)
      const after = await context.store.runs.get(run.id)
      const told = error === undefined ? effect : `${error.code}, ${error.message.replace(run.id, 'r')}; ${error.hint}`
      const waits = await pendingKinds(run)
      rows.push(
        `${name} · ${kind}: ${told}${error === undefined ? ` → ${after?.state}` : ''}${waits === '' ? '' : ` (waits: ${waits})`}`,
      )
      // What is refused changes nothing, what is done is stored, and what is neither waits.
      expect([name, kind, after?.state === progress.state]).toEqual([name, kind, error !== undefined || waits !== ''])
    }
  }
  expect(rows.join('\n')).toMatchInlineSnapshot(`
    "queued · say: delivered → queued (waits: say)
    queued · pause: ended → paused
    queued · resume: INTERVENTION_REFUSED, Cannot resume r: it is queued already; It goes on by itself.
    queued · cancel: ended → cancelled
    queued · rework: INTERVENTION_REFUSED, Cannot rework r: it is queued already; Say what to do differently with \`cox say\`, or cancel it with \`cox cancel\`.
    queued · approve: INTERVENTION_REFUSED, Cannot approve r: it is queued already; Approve it when it asks: \`cox status\` lists what waits for you.
    preparing · say: delivered → preparing (waits: say)
    preparing · pause: delivered → preparing (waits: pause)
    preparing · resume: INTERVENTION_REFUSED, Cannot resume r: it is going on (preparing); It goes on by itself.
    preparing · cancel: delivered → preparing (waits: cancel)
    preparing · rework: delivered → preparing (waits: rework)
    preparing · approve: INTERVENTION_REFUSED, Cannot approve r: it is going on (preparing): there is nothing to approve yet; Approve it when it asks: \`cox status\` lists what waits for you.
    working · say: delivered → working (waits: say)
    working · pause: delivered → working (waits: pause)
    working · resume: INTERVENTION_REFUSED, Cannot resume r: it is going on (working); It goes on by itself.
    working · cancel: delivered → working (waits: cancel)
    working · rework: delivered → working (waits: rework)
    working · approve: INTERVENTION_REFUSED, Cannot approve r: it is going on (working): there is nothing to approve yet; Approve it when it asks: \`cox status\` lists what waits for you.
    waiting · say: delivered → waiting (waits: say)
    waiting · pause: delivered → waiting (waits: pause)
    waiting · resume: INTERVENTION_REFUSED, Cannot resume r: it is going on (waiting); It goes on by itself.
    waiting · cancel: delivered → waiting (waits: cancel)
    waiting · rework: delivered → waiting (waits: rework)
    waiting · approve: INTERVENTION_REFUSED, Cannot approve r: it is going on (waiting): there is nothing to approve yet; Approve it when it asks: \`cox status\` lists what waits for you.
    checking · say: delivered → checking (waits: say)
    checking · pause: delivered → checking (waits: pause)
    checking · resume: INTERVENTION_REFUSED, Cannot resume r: it is going on (checking); It goes on by itself.
    checking · cancel: delivered → checking (waits: cancel)
    checking · rework: delivered → checking (waits: rework)
    checking · approve: INTERVENTION_REFUSED, Cannot approve r: it is going on (checking): there is nothing to approve yet; Approve it when it asks: \`cox status\` lists what waits for you.
    landing · say: delivered → landing (waits: say)
    landing · pause: delivered → landing (waits: pause)
    landing · resume: INTERVENTION_REFUSED, Cannot resume r: it is going on (landing); It goes on by itself.
    landing · cancel: delivered → landing (waits: cancel)
    landing · rework: delivered → landing (waits: rework)
    landing · approve: INTERVENTION_REFUSED, Cannot approve r: it is going on (landing) and may land already; Nothing is left to approve.
    awaiting-approval · say: queued → queued
    awaiting-approval · pause: INTERVENTION_REFUSED, Cannot pause r: it is at rest already (awaiting-approval); It goes on with nothing but a word of yours.
    awaiting-approval · resume: INTERVENTION_REFUSED, Cannot resume r: it waits for approval; Let it land with \`cox approve\`, or say what to change.
    awaiting-approval · cancel: ended → cancelled
    awaiting-approval · rework: queued → queued
    awaiting-approval · approve: queued → queued
    paused · say: kept → paused (waits: say)
    paused · pause: INTERVENTION_REFUSED, Cannot pause r: it is at rest already (paused); It goes on with nothing but a word of yours.
    paused · resume: queued → queued
    paused · cancel: ended → cancelled
    paused · rework: queued → queued
    paused · approve: INTERVENTION_REFUSED, Cannot approve r: there is nothing to approve (paused); Let it go on with \`cox resume\`, or answer with \`cox say\`.
    blocked · say: queued → queued
    blocked · pause: INTERVENTION_REFUSED, Cannot pause r: it is at rest already (blocked); It goes on with nothing but a word of yours.
    blocked · resume: queued → queued
    blocked · cancel: ended → cancelled
    blocked · rework: queued → queued
    blocked · approve: INTERVENTION_REFUSED, Cannot approve r: there is nothing to approve (blocked); Let it go on with \`cox resume\`, or answer with \`cox say\`.
    landed · say: INTERVENTION_REFUSED, Cannot say r: the run has ended (landed); Add a new task: cox task add "…".
    landed · pause: INTERVENTION_REFUSED, Cannot pause r: the run has ended (landed); Add a new task: cox task add "…".
    landed · resume: INTERVENTION_REFUSED, Cannot resume r: the run has ended (landed); Add a new task: cox task add "…".
    landed · cancel: INTERVENTION_REFUSED, Cannot cancel r: the run has ended (landed); Add a new task: cox task add "…".
    landed · rework: INTERVENTION_REFUSED, Cannot rework r: the run has ended (landed); Add a new task: cox task add "…".
    landed · approve: INTERVENTION_REFUSED, Cannot approve r: the run has ended (landed); Add a new task: cox task add "…".
    stopped · say: INTERVENTION_REFUSED, Cannot say r: the run has ended (budget-exceeded); Go on with a larger budget: \`cox resume\`.
    stopped · pause: INTERVENTION_REFUSED, Cannot pause r: the run has ended (budget-exceeded); Go on with a larger budget: \`cox resume\`.
    stopped · resume: queued → queued
    stopped · cancel: INTERVENTION_REFUSED, Cannot cancel r: the run has ended (budget-exceeded); Go on with a larger budget: \`cox resume\`.
    stopped · rework: INTERVENTION_REFUSED, Cannot rework r: the run has ended (budget-exceeded); Go on with a larger budget: \`cox resume\`.
    stopped · approve: INTERVENTION_REFUSED, Cannot approve r: the run has ended (budget-exceeded); Go on with a larger budget: \`cox resume\`.
    cancelled · say: INTERVENTION_REFUSED, Cannot say r: the run has ended (cancelled); Add a new task: cox task add "…".
    cancelled · pause: INTERVENTION_REFUSED, Cannot pause r: the run has ended (cancelled); Add a new task: cox task add "…".
    cancelled · resume: INTERVENTION_REFUSED, Cannot resume r: the run has ended (cancelled); Add a new task: cox task add "…".
    cancelled · cancel: INTERVENTION_REFUSED, Cannot cancel r: the run has ended (cancelled); Add a new task: cox task add "…".
    cancelled · rework: INTERVENTION_REFUSED, Cannot rework r: the run has ended (cancelled); Add a new task: cox task add "…".
    cancelled · approve: INTERVENTION_REFUSED, Cannot approve r: the run has ended (cancelled); Add a new task: cox task add "…"."
  `)
})

test('of two that approve at once one lets the work land, and the other is told that it came too late', async () => {
  for (let round = 0; round < 5; round += 1) {
    const run = await runIn(places['awaiting-approval'] ?? started)
    const answers = await Promise.all([act(run, 'approve'), act(run, 'approve'), act(run, 'cancel')])
    const state = (await context.store.runs.get(run.id))?.state
    expect(['queued', 'cancelled']).toContain(state)
    expect(await pendingKinds(run)).toBe('')
    const done = answers.filter(({ status }) => status === 200)
    // An approval that a cancel followed was done, too.
    expect([1, 2]).toContain(done.length)
    expect(answers.filter(({ status }) => status !== 200).every(({ error }) => error?.code === 'INTERVENTION_REFUSED')).toBe(true)
    if (state === 'cancelled') expect(answers[2]?.status).toBe(200)
  }
})

test('an approval that was decided before the run went on, and takes effect afterwards, is refused and not lost', async () => {
  const run = await runIn(places['awaiting-approval'] ?? started)
  const { id } = await context.store.interventions.add({
    run: run.id,
    kind: 'approve',
    text: '',
    actor: { kind: 'person', name: 'ann' },
  })
  await move(run, places['working'] ?? started)
  await context.controls.deliver(run.id)
  expect(await context.store.interventions.fate(id)).toEqual({
    kind: 'consumed',
    event: {
      name: 'intervention-refused',
      data: {
        kind: 'approve',
        why: 'it is going on (working): there is nothing to approve yet',
        instead: 'Approve it when it asks: `cox status` lists what waits for you.',
      },
    },
  })
})

test('a live run hears words and what stops it, and a word that comes too late for it is decided at its rest', async () => {
  const run = await runIn(places['working'] ?? started)
  const control = context.controls.open(run.id)
  expect(await act(run, 'say')).toMatchObject({ effect: 'delivered' })
  expect(control.pendingMessages().map(({ text }) => text)).toEqual(['use tabs'])
  expect(await act(run, 'cancel')).toMatchObject({ effect: 'delivered' })
  expect(control.signal.aborted).toBe(true)
  expect(control.signal.reason).toMatchObject({ interruption: { by: 'cancel' } })
  // It landed before it heard of that.
  await move(run, places['landed'] ?? started)
  control.close()
  await context.controls.deliver(run.id)
  expect(await pendingKinds(run)).toBe('')
  const events = await context.store.events.list({ run: run.id })
  expect(events.filter(({ name }) => name === 'intervention-refused').map(({ data }) => [data['kind'], data['why']])).toEqual([
    ['say', 'the run has ended (landed)'],
    ['cancel', 'the run has ended (landed)'],
  ])
})

test('an approval in the moment between the last step of a run and the end of its ear takes effect', async () => {
  const run = await runIn(places['working'] ?? started)
  const control = context.controls.open(run.id)
  await move(run, places['awaiting-approval'] ?? started)
  expect(await act(run, 'approve')).toMatchObject({ effect: 'queued', run: { state: 'queued', mayLand: true } })
  control.close()
})

test('a larger budget comes with the resume that was done, and not with one that was refused', async () => {
  const budget = { tokens: 123 }
  const [stopped, working] = [await runIn(places['stopped'] ?? started), await runIn(places['working'] ?? started)]
  expect((await act(stopped, 'resume', { budget })).status).toBe(200)
  expect((await act(working, 'resume', { budget })).status).toBe(409)
  expect((await context.store.runs.get(stopped.id))?.budget.tokens).toBe(123)
  expect((await context.store.runs.get(working.id))?.budget.tokens).toBe(null)
})

test('a run whose first step is under way is told to stop, and not called stopped before it is', async () => {
  const run = await runIn(places['queued'] ?? started)
  const control = context.controls.open(run.id)
  expect(await act(run, 'pause')).toMatchObject({ effect: 'delivered', run: { state: 'queued' } })
  expect(control.signal.reason).toMatchObject({ interruption: { by: 'pause' } })
  control.close()
})

test('an act that another one overtakes between its decision and its effect is decided anew', async () => {
  const { store, logger } = context
  const run = await runIn({ ...resting, state: 'blocked', outcome: 'still-alive' })
  // Asked between the two: the run moves in that very moment.
  const endWork = async (): Promise<readonly number[]> => {
    await move(run, places['cancelled'] ?? started)
    return []
  }
  const controls = createRunControls({ store, logger, onQueued: () => {}, endWork })
  const actor = { kind: 'person', name: 'ann' } as const
  const { id } = await store.interventions.add({ run: run.id, kind: 'resume', text: '', actor })
  await controls.deliver(run.id)
  expect(await store.interventions.fate(id)).toMatchObject({
    event: { name: 'intervention-refused', data: { why: 'the run has ended (cancelled)' } },
  })
  expect((await store.runs.get(run.id))?.state).toBe('cancelled')
})
