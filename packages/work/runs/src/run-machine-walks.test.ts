import { agentFailureKinds, totalTokens } from '@coxswain/agents'
import { isAtRest, interventionKinds, type GateResult } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyIntervention } from './interventions.ts'
import { firstProgress } from './first-progress.ts'
import { advance } from './run-machine.ts'
import type { Effect, EffectOutcome, RunProgress } from './run-progress.ts'
import { always, commit, context, failure, gate, limits, named, turn } from './testing/sample-outcomes.ts'

const verdicts = ['passed', 'failed', 'timed-out', 'killed', 'not-startable'] as const
const arbitraryGate = fc
  .record({ verdict: fc.constantFrom(...verdicts), excerpt: fc.constantFrom('one', 'two', 'took 3 ms') })
  .map((one) => gate(one.verdict, one.excerpt))
const mostlyNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
const arbitraryTurn: fc.Arbitrary<typeof turn> = fc
  .record({
    failure: mostlyNull(fc.constantFrom(...agentFailureKinds).map(failure)),
    interruptedBy: mostlyNull(
      fc.constantFrom('pause', 'cancel', 'rework', 'budget', 'shutdown').map((by) => ({ by, text: 'a reason' })),
    ),
    isChanged: fc.boolean(),
    protectedPaths: fc.constantFrom<string[][]>([], [], ['harness/x']),
    tree: fc.constantFrom(commit('3'), commit('4')),
    undelivered: fc.constantFrom<{ id: number; text: string }[][]>([], [], [{ id: 7, text: 'a word' }]),
  })
  .map((changes) => ({ ...turn, ...changes }))
const outcomesOf: Readonly<Record<Effect['kind'], fc.Arbitrary<EffectOutcome>>> = {
  prepare: fc.constantFrom('prepared', 'prepared', 'prepared on red', 'setup-failed').map(named),
  turn: arbitraryTurn,
  check: fc.array(arbitraryGate, { maxLength: 3 }).map((results) => ({ kind: 'checked', activeMs: 3, results })),
  wait: fc.constant(named('waited')),
  land: fc.constantFrom('landed', 'conflict', 'red', 'base-red', 'main-dirty', 'nothing-left').map(named),
  rest: fc.constant(named('failed')),
}

/** Whatever comes, in the order in which it can come: outcomes while the run goes on, words of a person at rest. */
const step = fc.record({
  byEffect: fc.record(outcomesOf),
  anytime: mostlyNull(fc.constantFrom(...always).map(named)),
  word: fc.constantFrom(...interventionKinds).map((kind) => ({ kind, text: 'words' })),
})

test('random walks: never an exception, never a limbo, counters only grow', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { minLength: 20, maxLength: 40 }), (mayLand, steps) => {
      let progress = firstProgress(mayLand)
      for (const { byEffect, anytime, word } of steps) {
        const before = progress
        if (before.next.kind === 'rest') {
          const result = applyIntervention(before, word)
          if (result.kind === 'applied') progress = result.progress
        } else {
          progress = advance(before, anytime ?? byEffect[before.next.kind], context)
        }
        expectSound(before, progress)
      }
    }),
    { numRuns: 300 },
  )
})

function expectSound(before: RunProgress, after: RunProgress): void {
  const isResting = after.next.kind === 'rest'
  expect({ resting: isAtRest(after.state), hasOutcome: after.outcome !== null }).toEqual({
    resting: isResting,
    hasOutcome: isResting,
  })
  if (after.state === 'landed') expect(after.landed).not.toBeNull()
  if (!isResting) expect(after.reason).toBeNull()
  if (isResting && after.state !== 'landed') expect(after.reason).not.toBe('')
  if (after.next.kind === 'land') expect(after.mayLand).toBe(true)
  const growing = (progress: RunProgress): number[] => [
    progress.turns,
    progress.gateFailures,
    progress.activeMs,
    progress.session,
    progress.leg,
    totalTokens(progress.usage),
    progress.costUsd ?? 0,
  ]
  const was = growing(before)
  expect(growing(after).every((value, index) => value >= (was[index] ?? 0))).toBe(true)
  expect(after.agentRetries).toBeLessThanOrEqual(limits.agentRetries)
  expect(after.repairs).toBeLessThanOrEqual(limits.gateRepairs + 1)
}

test('left alone, a run with a hopeless agent comes to rest', () => {
  const longest = 500
  const hopeless = fc.array(fc.record({ turn: arbitraryTurn, gate: arbitraryGate }), { minLength: 5, maxLength: 20 })
  fc.assert(
    fc.property(hopeless, (habits) => {
      let progress = firstProgress(true)
      for (let at = 0; progress.next.kind !== 'rest' && at < longest; at += 1) {
        const habit = habits[at % habits.length] ?? { turn, gate: gate('failed') }
        progress = advance(progress, hopelessOutcome(progress.next.kind, habit), context)
      }
      expect(progress.next.kind).toBe('rest')
    }),
    { numRuns: 300 },
  )
})

function hopelessOutcome(kind: Effect['kind'], habit: { readonly turn: typeof turn; readonly gate: GateResult }): EffectOutcome {
  if (kind === 'turn') return { ...habit.turn, undelivered: [], interruptedBy: null }
  if (kind === 'check') return { kind: 'checked', activeMs: 1, results: [{ ...habit.gate, verdict: 'failed' }] }
  return named(kind === 'prepare' ? 'prepared' : kind === 'wait' ? 'waited' : 'conflict')
}
