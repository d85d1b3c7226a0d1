import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GateResult } from '@coxswain/model'
import { z } from 'zod'
import { isCoxError } from '@coxswain/kernel'
import type { Claim } from './claim.ts'
import type { Store } from './open-store.ts'
import { ann, newRun, newTask, openTestStore, sampleEvent, startTestPostgres, type TestPostgres } from './testing.ts'

/* Two workers that believe to hold runs, takeovers between them, and writes that come late: what a claim that is gone still writes is refused. */

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres[Symbol.asyncDispose]())

const worker = fc.constantFrom(0, 1)
/** Which of the claims that the worker was ever given it acts under: most often the latest, often one of long ago. */
const belief = fc.nat({ max: 5 })
const writes = ['transition', 'event', 'usage', 'gate', 'task', 'intervention', 'effect', 'lane'] as const
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const), worker }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take-over' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), worker, belief }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), worker, belief, what: fc.constantFrom(...writes) }) },
)

test('nothing is recorded, spent or confirmed for a landing under a claim that was taken over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using world = await open()
      for (const each of steps) await world.perform(each)
    }),
    { numRuns: 15 },
  )
})

test('writes that race with a takeover are before it or refused', async () => {
  await using world = await open()
  await world.perform({ kind: 'claim', worker: 0 })
  for (let round = 0; round < 20; round += 1) {
    const by = round % 2 === 0 ? 0 : 1
    const late = world.believed(by, 0)
    if (late === undefined) throw new Error('a worker that took over holds a claim')
    const races = writes.map((what) => world.attempt(by, late, what))
    await Promise.all([world.perform({ kind: 'take-over', worker: by === 0 ? 1 : 0 }), ...races])
    // Whatever came through was before: now nothing does.
    for (const what of writes) expect(await world.attempt(by, late, what)).toBe('refused')
  }
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Races extends AsyncDisposable {
  perform(step: Step): Promise<void>
  attempt(by: number, claim: Claim, what: (typeof writes)[number]): Promise<'done' | 'refused'>
  believed(by: number, belief: number): Claim | undefined
}

async function open(): Promise<Races> {
  const first = await openTestStore(postgres.url)
  const second = await openTestStore(postgres.url, { repository: first.repository, workerId: 'w2' })
  const stores: readonly Store[] = [first, second]
  const { id: task } = await first.tasks.add(newTask())
  const { id: run } = await first.runs.create(newRun(task))
  const { id: said } = await first.interventions.add({ run, kind: 'say', text: 'x', actor: ann })
  const given: Claim[][] = [[], []]
  /** The model: who holds the run, and how. */
  let holder: { readonly by: number; readonly token: number } | null = null
  let writesDone = 0
  const of = (by: number): Store => {
    const store = stores[by]
    if (store === undefined) throw new Error('there are two')
    return store
  }
  const note = (by: number, claim: Claim | undefined): void => {
    if (claim === undefined) return
    given[by]?.unshift(claim)
    holder = { by, token: claim.token }
  }
  const believed = (by: number, index: number): Claim | undefined => given[by]?.[index] ?? given[by]?.[0]
  const attempt: Races['attempt'] = async (by, claim, what) => {
    const store = of(by)
    const records = store.under(claim)
    const key = `k${(writesDone += 1)}`
    const acts: Record<(typeof writes)[number], () => Promise<unknown>> = {
      transition: () =>
        records.runs.transition({ run, from: ['queued'], to: 'queued', progress: null, event: sampleEvent('x'), key }),
      event: () => records.events.append([{ ...sampleEvent('x'), run }]),
      usage: () =>
        records.turns.record({
          run,
          key,
          model: null,
          tokens: { input: 1, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
          costUsd: 1,
          wallMs: 0,
        }),
      gate: () => records.gateCache.put({ gate: 'g', tree: key }, passed),
      task: () => records.tasks.setState({ task, from: ['queued', 'active'], to: 'active' }),
      intervention: () => records.interventions.consume(said, sampleEvent('x')),
      effect: () => records.effects.once({ key, schema: z.number(), perform: async () => 1 }),
      lane: () => store.lanes.within('landing', (lane) => lane.confirm(claim), new AbortController().signal),
    }
    try {
      await acts[what]()
      return 'done'
    } catch (error) {
      if (!isCoxError(error, 'CLAIM_LOST') && !isCoxError(error, 'LANE_LOST')) throw error
      return 'refused'
    }
  }
  return {
    attempt,
    believed,
    perform: async (each) => {
      if (each.kind === 'claim') note(each.worker, (await of(each.worker).claims.next({ slots: 9 }))?.claim)
      else if (each.kind === 'take-over')
        note(each.worker, (await of(each.worker).claims.takeOver([of(1 - each.worker).workerId]))[0])
      else if (each.kind === 'renew') note(each.worker, (await of(each.worker).claims.renew())[0])
      else {
        const claim = believed(each.worker, each.belief)
        if (claim === undefined) return
        const counts = holder !== null && holder.by === each.worker && holder.token === claim.token
        if (each.kind === 'release') {
          expect(await of(each.worker).claims.release(claim)).toBe(counts)
          if (counts) holder = null
        } else expect([each.what, await attempt(each.worker, claim, each.what)]).toEqual([each.what, counts ? 'done' : 'refused'])
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store.close()
    },
  }
}

const passed: GateResult = { gate: 'g', verdict: 'passed', exitCode: 0, wallMs: 0, excerpt: '', logFile: '', tree: 't' }
