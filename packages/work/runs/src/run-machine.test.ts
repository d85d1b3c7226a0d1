import { agentFailureKinds, noUsage, totalTokens, type AgentFailure } from '@coxswain/agents'
import { HarnessConfig, isAtRest, interventionKinds, runStates, type GateResult, type RunState } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyIntervention } from './interventions.ts'
import { advance, budgetBreach, firstProgress, type Effect, type EffectOutcome, type RunProgress } from './run-machine.ts'

const { limits } = HarnessConfig.parse({})
const context = { limits, nowMs: 1_000_000, isFree: false }

const commit = (letter: string): string => letter.repeat(40)
const gate = (verdict: GateResult['verdict'], excerpt = 'boom'): GateResult => ({
  gate: 'test',
  verdict,
  exitCode: verdict === 'failed' ? 1 : null,
  wallMs: 5,
  excerpt,
  logFile: '/logs/out',
  tree: commit('a'),
})
const failure = (kind: AgentFailure['kind']): AgentFailure => ({
  kind,
  message: `it was ${kind}`,
  code: null,
  retryAfter: null,
  resetAt: null,
})
const turn: Extract<EffectOutcome, { kind: 'turn-ended' }> = {
  kind: 'turn-ended',
  activeMs: 10,
  failure: null,
  interruptedBy: null,
  head: commit('d'),
  tree: commit('e'),
  isChanged: true,
  protectedPaths: [],
  usage: { ...noUsage, input: 100, output: 10 },
  costUsd: 0.01,
  resumeToken: 'token',
  model: 'scripted',
  message: 'done',
  undelivered: [],
}

const outcomes: Readonly<Record<string, EffectOutcome>> = {
  prepared: { kind: 'prepared', activeMs: 1, base: commit('b'), head: commit('b'), tree: commit('c') },
  'setup-failed': { kind: 'setup-failed', activeMs: 1, excerpt: 'npm ci: exit code 1' },
  'turn: changed': turn,
  'turn: nothing changed': { ...turn, isChanged: false },
  'turn: protected': { ...turn, protectedPaths: ['harness/harness.yaml'] },
  'turn: words left': { ...turn, undelivered: [{ id: 1, text: 'use tabs' }] },
  'turn: paused': { ...turn, interruptedBy: { by: 'pause', text: '' } },
  'turn: out of budget': { ...turn, interruptedBy: { by: 'budget', text: 'The token budget is used up.' } },
  'turn: rate-limited': { ...turn, failure: failure('rate-limited') },
  'turn: crashed': { ...turn, failure: failure('crashed') },
  'turn: context-overflow': { ...turn, failure: failure('context-overflow') },
  'turn: auth': { ...turn, failure: failure('auth') },
  'gates: passed': { kind: 'checked', activeMs: 1, results: [gate('passed')] },
  'gates: none': { kind: 'checked', activeMs: 1, results: [] },
  'gates: failed': { kind: 'checked', activeMs: 1, results: [gate('failed')] },
  'gates: not startable': { kind: 'checked', activeMs: 1, results: [gate('not-startable')] },
  waited: { kind: 'waited', activeMs: 0 },
  landed: { kind: 'landed', activeMs: 1, commit: commit('f') },
  conflict: {
    kind: 'conflict',
    activeMs: 1,
    main: commit('1'),
    tree: commit('2'),
    paths: ['a.ts'],
    ourDiff: '+ours',
    theirDiff: '+theirs',
  },
  red: { kind: 'red', activeMs: 1, main: commit('1'), tree: commit('2'), result: gate('failed') },
  'main-dirty': { kind: 'main-dirty', activeMs: 1, paths: ['a.ts'] },
  paused: { kind: 'interrupted', activeMs: 1, interruption: { by: 'pause', text: 'lunch' } },
  cancelled: { kind: 'interrupted', activeMs: 1, interruption: { by: 'cancel', text: '' } },
  reworked: { kind: 'interrupted', activeMs: 1, interruption: { by: 'rework', text: 'no new dependency' } },
  'out of budget': { kind: 'interrupted', activeMs: 1, interruption: { by: 'budget', text: 'The time budget is used up.' } },
  failed: { kind: 'failed', activeMs: 1, outcome: 'harness-error', reason: 'disk' },
}

const working: RunProgress = {
  ...firstProgress(false),
  state: 'working',
  base: commit('b'),
  head: commit('b'),
  tree: commit('c'),
  next: { kind: 'turn', prompt: { kind: 'task', reworkReason: null } },
}

const possible: Readonly<Record<string, readonly string[]>> = {
  preparing: ['prepared', 'setup-failed'],
  working: Object.keys(outcomes).filter((name) => name.startsWith('turn')),
  checking: Object.keys(outcomes).filter((name) => name.startsWith('gates')),
  waiting: ['waited'],
  landing: ['landed', 'conflict', 'red', 'main-dirty'],
}
const always = ['paused', 'cancelled', 'reworked', 'out of budget', 'failed']

const places: Readonly<Record<string, RunProgress>> = {
  preparing: { ...firstProgress(false), state: 'preparing' },
  working,
  checking: { ...working, state: 'checking', next: { kind: 'check' } },
  waiting: { ...working, state: 'waiting', next: { kind: 'wait', untilMs: 5, then: { kind: 'check' } } },
  landing: { ...working, state: 'landing', next: { kind: 'land' }, mayLand: true },
}

function describeEffect(effect: Effect): string {
  if (effect.kind === 'prepare') return `prepare(${effect.tree === null ? '' : 'merged '}then ${describeEffect(effect.then)})`
  if (effect.kind === 'wait') return `wait(${effect.untilMs} then ${describeEffect(effect.then)})`
  return effect.kind === 'turn' ? `turn(${effect.prompt.kind})` : effect.kind
}

function transition(from: RunProgress, name: string): string {
  const outcome = outcomes[name]
  if (outcome === undefined) throw new Error(`no outcome ${name}`)
  const { state, outcome: code, next } = advance(from, outcome, context)
  return `${from.state} · ${name} → ${state}${code === null || code === state ? '' : ` (${code})`} · ${describeEffect(next)}`
}

test('the table of transitions', () => {
  const rows = Object.entries(places).flatMap(([name, place]) =>
    [...(possible[name] ?? []), ...always].map((outcome) => transition(place, outcome)),
  )
  expect(rows.join('\n')).toMatchInlineSnapshot(`
    "preparing · prepared → working · turn(task)
    preparing · setup-failed → blocked (setup-failed) · rest
    preparing · paused → paused · rest
    preparing · cancelled → cancelled · rest
    preparing · reworked → preparing · prepare(then turn(task))
    preparing · out of budget → stopped (budget-exceeded) · rest
    preparing · failed → blocked (harness-error) · rest
    working · turn: changed → checking · check
    working · turn: nothing changed → blocked (no-change) · rest
    working · turn: protected → blocked (protected-path) · rest
    working · turn: words left → working · turn(message)
    working · turn: paused → paused · rest
    working · turn: out of budget → stopped (budget-exceeded) · rest
    working · turn: rate-limited → waiting · wait(1002000 then turn(continue))
    working · turn: crashed → working · turn(continue)
    working · turn: context-overflow → working · turn(fresh)
    working · turn: auth → blocked (auth) · rest
    working · paused → paused · rest
    working · cancelled → cancelled · rest
    working · reworked → preparing · prepare(then turn(task))
    working · out of budget → stopped (budget-exceeded) · rest
    working · failed → blocked (harness-error) · rest
    checking · gates: passed → awaiting-approval · rest
    checking · gates: none → awaiting-approval · rest
    checking · gates: failed → working · turn(gate-failure)
    checking · gates: not startable → blocked (gate-unusable) · rest
    checking · paused → paused · rest
    checking · cancelled → cancelled · rest
    checking · reworked → preparing · prepare(then turn(task))
    checking · out of budget → stopped (budget-exceeded) · rest
    checking · failed → blocked (harness-error) · rest
    waiting · waited → checking · check
    waiting · paused → paused · rest
    waiting · cancelled → cancelled · rest
    waiting · reworked → preparing · prepare(then turn(task))
    waiting · out of budget → stopped (budget-exceeded) · rest
    waiting · failed → blocked (harness-error) · rest
    landing · landed → landed · rest
    landing · conflict → preparing · prepare(merged then turn(conflict))
    landing · red → preparing · prepare(merged then turn(gate-failure))
    landing · main-dirty → blocked (main-dirty) · rest
    landing · paused → paused · rest
    landing · cancelled → cancelled · rest
    landing · reworked → preparing · prepare(then turn(task))
    landing · out of budget → stopped (budget-exceeded) · rest
    landing · failed → blocked (harness-error) · rest"
  `)
})

test('a run that may land goes on to landing when its gates pass', () => {
  const passed = outcomes['gates: passed']
  if (passed === undefined) throw new Error('missing')
  expect(advance({ ...working, mayLand: true }, passed, context)).toMatchObject({ state: 'landing', next: { kind: 'land' } })
})

test('the rewriter ends for good when there is nothing to change', () => {
  expect(advance(working, { ...turn, isChanged: false }, { ...context, isFree: true })).toMatchObject({
    state: 'stopped',
    outcome: 'no-change',
    reason: 'Nothing to change.',
  })
})

test('a protected change goes on once that very tree is approved, and stops again when it differs', () => {
  const approved = { ...working, approvedTree: turn.tree }
  const protectedTurn = { ...turn, protectedPaths: ['.github/ci.yml'] }
  expect(advance(approved, protectedTurn, context).next).toEqual({ kind: 'check' })
  expect(advance(approved, { ...protectedTurn, tree: commit('9') }, context).outcome).toBe('protected-path')
})

test('the same failure more often than allowed blocks with a question, a new one counts anew', () => {
  const check = { kind: 'checked' as const, activeMs: 0 }
  const fail = (progress: RunProgress, excerpt: string): RunProgress =>
    advance(progress, { ...check, results: [gate('failed', excerpt)] }, context)
  const twice = fail(fail(places['checking'] ?? working, 'expected 1, took 12 ms'), 'expected 1, took 13 ms')
  expect(twice).toMatchObject({ state: 'working', lastFailure: { times: 2 }, repairs: 2 })
  expect(fail(twice, 'something else')).toMatchObject({ state: 'working', lastFailure: { times: 1 }, repairs: 3 })
  const blocked = fail(twice, 'expected 1, took 15 ms')
  expect(blocked).toMatchObject({ state: 'blocked', outcome: 'blocked', gateFailures: 3 })
  expect(blocked.reason).toMatchInlineSnapshot(`
    "The gate "test" failed 3 times in a row with the same output:
    expected 1, took 15 ms
    Is the task's premise right, and what should the agent do differently? Answer with \`cox say\`, or start over with \`cox rework\`."
  `)
})

test('different failures without end block too', () => {
  let progress = working
  for (let round = 0; progress.next.kind !== 'rest'; round += 1) {
    const excerpt = `failure ${'x'.repeat(round)}`
    progress = advance(progress, { kind: 'checked', activeMs: 0, results: [gate('failed', excerpt)] }, context)
  }
  expect(progress).toMatchObject({ outcome: 'blocked', repairs: limits.gateRepairs + 1 })
})

test('conflicts without end block with a question', () => {
  let progress: RunProgress = { ...working, next: { kind: 'land' } }
  const conflict = outcomes['conflict']
  if (conflict === undefined) throw new Error('missing')
  while (progress.next.kind !== 'rest') progress = advance(progress, conflict, context)
  expect(progress).toMatchObject({
    outcome: 'conflict',
    conflictRepairs: limits.conflictRepairs + 1,
    reason: 'The change conflicts with the branch for the 4th time, in a.ts. Should it be reworked from the new tip?',
  })
})

test.each(['conflict', 'red'])(
  'after %s, base and head change together: an interrupted preparation keeps both as they were',
  (name) => {
    const outcome = outcomes[name]
    const paused = outcomes['paused']
    if (outcome === undefined || paused === undefined) throw new Error('missing')
    const landing = { ...working, head: commit('d'), next: { kind: 'land' as const } }
    const stopped = advance(advance(landing, outcome, context), paused, context)
    expect(stopped).toMatchObject({ state: 'paused', base: commit('b'), head: commit('d') })
  },
)

test('budgets: reached is used up, and none is no limit', () => {
  const spent = { usage: { ...noUsage, input: 90, output: 10 }, costUsd: 0.5, activeMs: 60_000 }
  const none = { tokens: null, usd: null, timeMs: null }
  expect(
    [none, { ...none, tokens: 101 }, { ...none, tokens: 100 }, { ...none, usd: 0.5 }, { ...none, timeMs: 60_000 }].map((budget) =>
      budgetBreach(spent, budget),
    ),
  ).toEqual([
    null,
    null,
    'The token budget is used up: 100 of 100.',
    'The money budget is used up: $0.5000 of $0.5.',
    'The time budget is used up: 60 s of 60 s.',
  ])
  expect(budgetBreach({ ...spent, costUsd: null }, { ...none, usd: 0.1 })).toBeNull()
})

const verdicts = ['passed', 'failed', 'timed-out', 'killed', 'not-startable'] as const
const arbitraryGate = fc
  .record({ verdict: fc.constantFrom(...verdicts), excerpt: fc.constantFrom('one', 'two', 'took 3 ms') })
  .map((one) => gate(one.verdict, one.excerpt))
const mostlyNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })
const arbitraryTurn: fc.Arbitrary<EffectOutcome> = fc
  .record({
    failure: mostlyNull(fc.constantFrom(...agentFailureKinds).map(failure)),
    interruptedBy: mostlyNull(fc.constantFrom('pause', 'cancel', 'rework', 'budget').map((by) => ({ by, text: 'a reason' }))),
    isChanged: fc.boolean(),
    protectedPaths: fc.constantFrom<string[][]>([], [], ['harness/x']),
    tree: fc.constantFrom(commit('3'), commit('4')),
    undelivered: fc.constantFrom<{ id: number; text: string }[][]>([], [], [{ id: 7, text: 'a word' }]),
  })
  .map((changes) => ({ ...turn, ...changes }))
const outcomesOf: Readonly<Record<Effect['kind'], fc.Arbitrary<EffectOutcome>>> = {
  prepare: fc.constantFrom('prepared', 'prepared', 'setup-failed').map(named),
  turn: arbitraryTurn,
  check: fc.array(arbitraryGate, { maxLength: 3 }).map((results) => ({ kind: 'checked', activeMs: 3, results })),
  wait: fc.constant(named('waited')),
  land: fc.constantFrom('landed', 'conflict', 'red', 'main-dirty').map(named),
  rest: fc.constant(named('failed')),
}

function named(name: string): EffectOutcome {
  const outcome = outcomes[name]
  if (outcome === undefined) throw new Error(`no outcome ${name}`)
  return outcome
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

test('every state is reached, by the outcomes and words that can come', () => {
  const seen = new Set<RunState>()
  const known = new Set<string>()
  const waiting = [firstProgress(false), firstProgress(true)]
  for (let progress = waiting.pop(); progress !== undefined; progress = waiting.pop()) {
    seen.add(progress.state)
    const from = progress
    const moved =
      from.next.kind === 'rest'
        ? interventionKinds
            .map((kind) => applyIntervention(from, { kind, text: '' }))
            .flatMap((result) => (result.kind === 'applied' ? [result.progress] : []))
        : [...(possible[places[from.state] === undefined ? 'preparing' : from.state] ?? []), ...always].map((name) =>
            advance(from, named(name), context),
          )
    for (const next of moved) {
      const place = `${next.state} ${next.outcome} ${describeEffect(next.next)} ${next.mayLand}`
      if (!known.has(place)) waiting.push(next)
      known.add(place)
    }
  }
  expect([...seen].toSorted()).toEqual(runStates.toSorted())
})

test('left alone, a run with a hopeless agent comes to rest', () => {
  fc.assert(
    fc.property(fc.infiniteStream(arbitraryTurn), fc.infiniteStream(arbitraryGate), (turns, gates) => {
      let progress = firstProgress(true)
      let steps = 0
      for (; progress.next.kind !== 'rest' && steps < 500; steps += 1) {
        const { kind } = progress.next
        const outcome =
          kind === 'turn'
            ? { ...(turns.next().value as typeof turn), undelivered: [], interruptedBy: null }
            : kind === 'check'
              ? {
                  kind: 'checked' as const,
                  activeMs: 1,
                  results: [{ ...(gates.next().value as GateResult), verdict: 'failed' as const }],
                }
              : named(kind === 'prepare' ? 'prepared' : kind === 'wait' ? 'waited' : 'conflict')
        progress = advance(progress, outcome, context)
      }
      expect(progress.next.kind).toBe('rest')
    }),
    { numRuns: 300 },
  )
})
