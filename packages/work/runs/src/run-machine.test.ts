import { noUsage } from '@coxswain/agents'
import { interventionKinds, runStates, type RunState } from '@coxswain/model'
import { expect, test } from 'vitest'
import { applyIntervention } from './interventions.ts'
import { budgetBreach } from './budget-breach.ts'
import { firstProgress } from './first-progress.ts'
import { advance } from './run-machine.ts'
import type { RunProgress } from './run-progress.ts'
import {
  always,
  commit,
  context,
  describeEffect,
  gate,
  limits,
  named,
  places,
  possible,
  turn,
  working,
} from './testing/sample-outcomes.ts'

const rest = { kind: 'rest' } as const

function applied(progress: RunProgress, kind: 'approve' | 'say' | 'rework'): RunProgress {
  const result = applyIntervention(progress, { kind, text: 'words' })
  if (result.kind !== 'applied') throw new Error(`${kind} was not applied`)
  return result.progress
}

function transition(from: RunProgress, name: string): string {
  const outcome = named(name)
  const { state, outcome: code, next } = advance(from, outcome, context)
  return `${from.state} · ${name} → ${state}${code === null || code === state ? '' : ` (${code})`} · ${describeEffect(next)}`
}

test('the table of transitions', () => {
  const rows = Object.entries(places).flatMap(([name, place]) =>
    [...(possible[name] ?? []), ...always].map((outcome) => transition(place, outcome)),
  )
  expect(rows.join('\n')).toMatchInlineSnapshot(`
    "preparing · prepared → working · turn(task)
    preparing · prepared on red → blocked (base-red) · rest
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
    working · turn: cut short → working · turn(continue)
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
    checking · gates: passed, words left → working · turn(message)
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
    landing · base-red → blocked (base-red) · rest
    landing · main-dirty → blocked (main-dirty) · rest
    landing · nothing-left → stopped (no-change) · rest
    landing · paused → paused · rest
    landing · cancelled → cancelled · rest
    landing · reworked → preparing · prepare(then turn(task))
    landing · out of budget → stopped (budget-exceeded) · rest
    landing · failed → blocked (harness-error) · rest"
  `)
})

test('a run that may land goes on to landing when its gates pass', () => {
  expect(advance({ ...working, mayLand: true }, named('gates: passed'), context)).toMatchObject({
    state: 'landing',
    next: { kind: 'land' },
  })
})

test('an approval is for the work as it was: what becomes of it later waits for another one', () => {
  const done: RunProgress = {
    ...working,
    tree: commit('c'),
    state: 'awaiting-approval',
    outcome: 'awaiting-approval',
    next: rest,
  }
  const approved = applied(done, 'approve')
  const dirty = advance(approved, named('main-dirty'), context)
  expect(advance(dirty, named('gates: passed'), context)).toMatchObject({ state: 'landing' })
  for (const word of ['say', 'rework'] as const) {
    const changed = advance(applied(dirty, word), { ...turn, tree: commit('f') }, context)
    const asked = advance(changed, named('gates: passed'), context)
    expect(asked).toMatchObject({ state: 'awaiting-approval', mayLand: false })
    expect(asked.reason).toContain('no longer what was approved')
    expect(applied(asked, 'approve')).toMatchObject({ next: { kind: 'land' }, landsTree: commit('f') })
  }
  const mended = advance(advance(approved, named('red'), context), { ...turn, tree: commit('f') }, context)
  expect(advance(mended, named('gates: passed'), context)).toMatchObject({ state: 'awaiting-approval' })
})

test('a gate that cannot be started says why, and what is missing around it', () => {
  const result = { ...gate('not-startable', '"tool" was not found.'), cause: 'A fresh worktree has no .venv/.' }
  expect(advance(working, { kind: 'checked', activeMs: 1, results: [result] }, context)).toMatchObject({
    outcome: 'gate-unusable',
    reason: 'The gate "test" cannot be started: "tool" was not found.\nA fresh worktree has no .venv/.',
  })
})

test('a task that may land by itself needs no word for what it becomes', () => {
  const free: RunProgress = { ...working, mayLand: true, tree: commit('c'), state: 'blocked', outcome: 'main-dirty', next: rest }
  const dirty = advance(applied(free, 'approve'), named('main-dirty'), context)
  const changed = advance(applied(dirty, 'say'), { ...turn, tree: commit('f') }, context)
  expect(advance(changed, named('gates: passed'), context)).toMatchObject({ state: 'landing' })
})

test('RUN-19 an orderly stop is no failure: however often one comes, the same conversation goes on, and its retries are left', () => {
  const stop = { ...turn, interruptedBy: { by: 'shutdown', text: 'The daemon was stopped.' } } as const
  let progress = working
  for (let life = 1; life <= 2 * limits.agentRetries + 5; life += 1) {
    progress = advance(progress, stop, context)
    expect(progress).toMatchObject({ state: 'working', session: working.session, restarts: working.restarts + life })
    expect(progress.agentRetries).toBe(working.agentRetries)
  }
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
  const rewritten = { ...turn, proofChanges: ['tools/gate.sh is what the gate g runs', 'package.json: the script test'] }
  expect(advance(approved, rewritten, context).next).toEqual({ kind: 'check' })
  expect(advance({ ...approved, approvedTree: null }, rewritten, context)).toMatchObject({
    outcome: 'protected-path',
    reason:
      'The change touches what proves it: tools/gate.sh is what the gate g runs; package.json: the script test. Approve it as it is, or say what to do instead.',
  })
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

test('figures at the end of a summary do not crowd out the cause', () => {
  const excerpt = `not ok 1 - a.test.js\n  SyntaxError: Unexpected identifier\n# tests 1\n# pass 0\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms 58.7`
  const outcome = { kind: 'checked' as const, activeMs: 0, results: [gate('failed', excerpt)] }
  const blocked = advance({ ...working, repairs: limits.gateRepairs }, outcome, context)
  expect(blocked.reason).toContain('repairs:\nnot ok 1 - a.test.js\n  SyntaxError: Unexpected identifier\nIs the task')
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
  const conflict = named('conflict')
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
    const landing = { ...working, head: commit('d'), next: { kind: 'land' as const } }
    const stopped = advance(advance(landing, named(name), context), named('paused'), context)
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
