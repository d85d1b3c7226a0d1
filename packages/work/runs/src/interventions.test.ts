import { interventionKinds, runStates } from '@coxswain/model'
import { expect, test } from 'vitest'
import { applyIntervention } from './interventions.ts'
import { firstProgress } from './first-progress.ts'
import { advance } from './run-machine.ts'
import type { RunProgress } from './run-progress.ts'
import { context, describeEffect, named } from './testing/sample-outcomes.ts'

const started: RunProgress = {
  ...firstProgress(false),
  base: 'base',
  head: 'head',
  tree: 'tree',
  turns: 1,
  repairs: 2,
  agentRetries: 3,
}
const resting = { next: { kind: 'rest' } } as const
const places: Readonly<Record<string, RunProgress>> = {
  queued: firstProgress(false),
  preparing: { ...started, state: 'preparing', next: { kind: 'prepare', base: null, tree: null, then: { kind: 'check' } } },
  working: { ...started, state: 'working', next: { kind: 'check' } },
  waiting: { ...started, state: 'waiting', next: { kind: 'wait', untilMs: 9, then: { kind: 'check' } } },
  checking: { ...started, state: 'checking', next: { kind: 'check' } },
  landing: { ...started, state: 'landing', next: { kind: 'land' }, mayLand: true },
  paused: { ...started, ...resting, state: 'paused', outcome: 'paused' },
  'paused before its first turn': { ...firstProgress(false), ...resting, state: 'paused', outcome: 'paused' },
  blocked: { ...started, ...resting, state: 'blocked', outcome: 'blocked' },
  'protected-path': { ...started, ...resting, state: 'blocked', outcome: 'protected-path' },
  'main-dirty': { ...started, ...resting, state: 'blocked', outcome: 'main-dirty', mayLand: true },
  'awaiting-approval': { ...started, ...resting, state: 'awaiting-approval', outcome: 'awaiting-approval' },
  'gate-unusable': { ...started, ...resting, state: 'blocked', outcome: 'gate-unusable' },
  'red before its first turn': { ...firstProgress(false), ...resting, state: 'blocked', outcome: 'base-red' },
  'red branch': { ...started, ...resting, state: 'blocked', outcome: 'base-red', mayLand: true },
  landed: { ...started, ...resting, state: 'landed', outcome: 'landed', landed: 'commit' },
  stopped: { ...started, ...resting, state: 'stopped', outcome: 'budget-exceeded' },
  cancelled: { ...started, ...resting, state: 'cancelled', outcome: 'cancelled' },
}

function inWords(name: string, progress: RunProgress, kind: (typeof interventionKinds)[number]): string {
  const result = applyIntervention(progress, { kind, text: 'words' })
  if (result.kind !== 'applied')
    return `${name} · ${kind}: ${result.kind}${result.kind === 'refused' ? ` (${result.why}) ${result.instead}` : ''}`
  const { state, next } = result.progress
  const then =
    next.kind === 'prepare'
      ? ` prepare, ${next.then.kind}${next.then.kind === 'turn' ? ` (${next.then.prompt.kind})` : ''}`
      : ` ${next.kind}`
  return `${name} · ${kind}: ${state},${then}`
}

test('what each word does in each place', () => {
  const rows = Object.entries(places).flatMap(([name, place]) => interventionKinds.map((kind) => inWords(name, place, kind)))
  expect(rows.join('\n')).toMatchInlineSnapshot(`
    "queued · say: live
    queued · pause: paused, rest
    queued · resume: refused (it is queued already) It goes on by itself.
    queued · cancel: cancelled, rest
    queued · rework: refused (it is queued already) Say what to do differently with \`cox say\`, or cancel it with \`cox cancel\`.
    queued · approve: refused (it is queued already) Approve it when it asks: \`cox status\` lists what waits for you.
    preparing · say: live
    preparing · pause: live
    preparing · resume: refused (it is going on (preparing)) It goes on by itself.
    preparing · cancel: live
    preparing · rework: live
    preparing · approve: refused (it is going on (preparing): there is nothing to approve yet) Approve it when it asks: \`cox status\` lists what waits for you.
    working · say: live
    working · pause: live
    working · resume: refused (it is going on (working)) It goes on by itself.
    working · cancel: live
    working · rework: live
    working · approve: refused (it is going on (working): there is nothing to approve yet) Approve it when it asks: \`cox status\` lists what waits for you.
    waiting · say: live
    waiting · pause: live
    waiting · resume: refused (it is going on (waiting)) It goes on by itself.
    waiting · cancel: live
    waiting · rework: live
    waiting · approve: refused (it is going on (waiting): there is nothing to approve yet) Approve it when it asks: \`cox status\` lists what waits for you.
    checking · say: live
    checking · pause: live
    checking · resume: refused (it is going on (checking)) It goes on by itself.
    checking · cancel: live
    checking · rework: live
    checking · approve: refused (it is going on (checking): there is nothing to approve yet) Approve it when it asks: \`cox status\` lists what waits for you.
    landing · say: live
    landing · pause: live
    landing · resume: refused (it is going on (landing)) It goes on by itself.
    landing · cancel: live
    landing · rework: live
    landing · approve: refused (it is going on (landing) and may land already) Nothing is left to approve.
    paused · say: kept
    paused · pause: refused (it is at rest already (paused)) It goes on with nothing but a word of yours.
    paused · resume: queued, prepare, turn (continue)
    paused · cancel: cancelled, rest
    paused · rework: queued, prepare, turn (task)
    paused · approve: refused (there is nothing to approve (paused)) Let it go on with \`cox resume\`, or answer with \`cox say\`.
    paused before its first turn · say: kept
    paused before its first turn · pause: refused (it is at rest already (paused)) It goes on with nothing but a word of yours.
    paused before its first turn · resume: queued, prepare, turn (task)
    paused before its first turn · cancel: cancelled, rest
    paused before its first turn · rework: queued, prepare, turn (task)
    paused before its first turn · approve: refused (there is nothing to approve (paused)) Let it go on with \`cox resume\`, or answer with \`cox say\`.
    blocked · say: queued, prepare, turn (message)
    blocked · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    blocked · resume: queued, prepare, turn (continue)
    blocked · cancel: cancelled, rest
    blocked · rework: queued, prepare, turn (task)
    blocked · approve: refused (there is nothing to approve (blocked)) Let it go on with \`cox resume\`, or answer with \`cox say\`.
    protected-path · say: queued, prepare, turn (message)
    protected-path · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    protected-path · resume: queued, prepare, turn (continue)
    protected-path · cancel: cancelled, rest
    protected-path · rework: queued, prepare, turn (task)
    protected-path · approve: queued, prepare, check
    main-dirty · say: queued, prepare, turn (message)
    main-dirty · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    main-dirty · resume: queued, land
    main-dirty · cancel: cancelled, rest
    main-dirty · rework: queued, prepare, turn (task)
    main-dirty · approve: queued, land
    awaiting-approval · say: queued, prepare, turn (message)
    awaiting-approval · pause: refused (it is at rest already (awaiting-approval)) It goes on with nothing but a word of yours.
    awaiting-approval · resume: refused (it waits for approval) Let it land with \`cox approve\`, or say what to change.
    awaiting-approval · cancel: cancelled, rest
    awaiting-approval · rework: queued, prepare, turn (task)
    awaiting-approval · approve: queued, land
    gate-unusable · say: queued, prepare, turn (message)
    gate-unusable · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    gate-unusable · resume: queued, prepare, check
    gate-unusable · cancel: cancelled, rest
    gate-unusable · rework: queued, prepare, turn (task)
    gate-unusable · approve: refused (there is nothing to approve (gate-unusable)) Let it go on with \`cox resume\`, or answer with \`cox say\`.
    red before its first turn · say: queued, prepare, turn (task)
    red before its first turn · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    red before its first turn · resume: queued, prepare, turn (task)
    red before its first turn · cancel: cancelled, rest
    red before its first turn · rework: queued, prepare, turn (task)
    red before its first turn · approve: refused (there is nothing to approve (base-red)) Let it go on with \`cox resume\`, or answer with \`cox say\`.
    red branch · say: queued, prepare, turn (message)
    red branch · pause: refused (it is at rest already (blocked)) It goes on with nothing but a word of yours.
    red branch · resume: queued, land
    red branch · cancel: cancelled, rest
    red branch · rework: queued, prepare, turn (task)
    red branch · approve: queued, land
    landed · say: refused (the run has ended (landed)) Add a new task: cox task add "…".
    landed · pause: refused (the run has ended (landed)) Add a new task: cox task add "…".
    landed · resume: refused (the run has ended (landed)) Add a new task: cox task add "…".
    landed · cancel: refused (the run has ended (landed)) Add a new task: cox task add "…".
    landed · rework: refused (the run has ended (landed)) Add a new task: cox task add "…".
    landed · approve: refused (the run has ended (landed)) Add a new task: cox task add "…".
    stopped · say: refused (the run has ended (budget-exceeded)) Go on with a larger budget: \`cox resume\`.
    stopped · pause: refused (the run has ended (budget-exceeded)) Go on with a larger budget: \`cox resume\`.
    stopped · resume: queued, prepare, turn (continue)
    stopped · cancel: refused (the run has ended (budget-exceeded)) Go on with a larger budget: \`cox resume\`.
    stopped · rework: refused (the run has ended (budget-exceeded)) Go on with a larger budget: \`cox resume\`.
    stopped · approve: refused (the run has ended (budget-exceeded)) Go on with a larger budget: \`cox resume\`.
    cancelled · say: refused (the run has ended (cancelled)) Add a new task: cox task add "…".
    cancelled · pause: refused (the run has ended (cancelled)) Add a new task: cox task add "…".
    cancelled · resume: refused (the run has ended (cancelled)) Add a new task: cox task add "…".
    cancelled · cancel: refused (the run has ended (cancelled)) Add a new task: cox task add "…".
    cancelled · rework: refused (the run has ended (cancelled)) Add a new task: cox task add "…".
    cancelled · approve: refused (the run has ended (cancelled)) Add a new task: cox task add "…"."
  `)
})

test('a run whose first step is under way is not stopped behind the back of its worker', () => {
  const under = interventionKinds.map((kind) => {
    const result = applyIntervention(firstProgress(false), { kind, text: 'words' }, { isUnderWay: true })
    return `${kind}: ${result.kind}${result.kind === 'refused' ? ` (${result.why})` : ''}`
  })
  expect(under).toMatchInlineSnapshot(`
    [
      "say: live",
      "pause: live",
      "resume: refused (it is going on (preparing))",
      "cancel: live",
      "rework: live",
      "approve: refused (it is going on (preparing): there is nothing to approve yet)",
    ]
  `)
})

test('an answer forgives what failed before and begins a new leg', () => {
  const result = applyIntervention(places['blocked'] ?? started, { kind: 'say', text: 'use tabs' })
  expect(result).toMatchObject({
    kind: 'applied',
    progress: {
      state: 'queued',
      leg: 2,
      repairs: 0,
      lastFailure: null,
      agentRetries: 0,
      head: 'head',
      outcome: null,
      reason: null,
    },
  })
})

test('approving a protected change approves that tree alone', () => {
  const result = applyIntervention(places['protected-path'] ?? started, { kind: 'approve', text: '' })
  expect(result).toMatchObject({ kind: 'applied', progress: { approvedTree: 'tree', mayLand: true } })
})

test('a rework forgets the work and keeps what it cost', () => {
  const result = applyIntervention(places['blocked'] ?? started, { kind: 'rework', text: 'simpler' })
  expect(result).toMatchObject({
    kind: 'applied',
    progress: {
      base: null,
      head: null,
      tree: null,
      session: 2,
      turns: 1,
      resumeToken: null,
      next: { kind: 'prepare', base: null },
    },
  })
})

test('a paused run is resumed by nothing but resume, so that words from before the pause do not undo it', () => {
  const interrupted = advance(
    { ...started, state: 'checking', next: { kind: 'check' } },
    { kind: 'interrupted', activeMs: 0, interruption: { by: 'pause', text: '' } },
    {
      limits: { gateRepairs: 1, sameFailure: 1, agentRetries: 1, conflictRepairs: 1, idle: 1 as never },
      nowMs: 0,
      isFree: false,
    },
  )
  expect(applyIntervention(interrupted, { kind: 'say', text: 'said earlier' })).toEqual({ kind: 'kept' })
})

test('every state answers every word', () => {
  for (const state of runStates)
    for (const kind of interventionKinds)
      expect(['applied', 'live', 'kept', 'refused']).toContain(
        applyIntervention({ ...started, ...resting, state }, { kind, text: '' }).kind,
      )
})

test('what a person says, and why they threw work away, reaches an agent that has not begun', () => {
  const red: RunProgress = { ...firstProgress(false), ...resting, state: 'blocked', outcome: 'base-red' }
  const said = applyIntervention(red, { kind: 'say', text: 'mend that too' })
  expect(said).toMatchObject({
    progress: { acceptsRedBase: true, next: { then: { prompt: { kind: 'task', reworkReason: null, words: 'mend that too' } } } },
  })
  const reworked = applyIntervention(
    { ...started, ...resting, state: 'blocked', outcome: 'blocked' },
    { kind: 'rework', text: 'why' },
  )
  if (reworked.kind !== 'applied') throw new Error('a rework applies')
  const stopped = advance(reworked.progress, named('prepared on red'), context)
  expect(applyIntervention(stopped, { kind: 'resume', text: '' })).toMatchObject({
    progress: { next: { base: null, then: { prompt: { kind: 'task', reworkReason: 'why' } } } },
  })
})

test('what was done when a pause came is not done again: gates and landing go on, unless something was said', () => {
  const rows = [{ kind: 'check' }, { kind: 'land' }].map((next) => {
    const working = { ...started, state: 'landing', next, mayLand: true } as RunProgress
    const paused = advance(working, named('paused'), context)
    return [false, true].map((hasWords) => {
      const result = applyIntervention(paused, { kind: 'resume', text: '' }, { hasWords })
      return result.kind === 'applied' ? describeEffect(result.progress.next) : result.kind
    })
  })
  expect(rows).toEqual([
    ['prepare(then check)', 'prepare(then turn(continue))'],
    ['land', 'prepare(then turn(continue))'],
  ])
})

test('words from before a red branch stopped the landing do not allow it; they are heard before the work lands', () => {
  const red = { ...started, ...resting, state: 'blocked', outcome: 'base-red', mayLand: true } as RunProgress
  const said = { kind: 'say', text: 'use tabs' } as const
  expect(applyIntervention(red, said, { isOlder: true, hasWords: true })).toEqual({ kind: 'kept' })
  expect(applyIntervention(red, said, { isOlder: false, hasWords: true })).toMatchObject({ progress: { acceptsRedBase: true } })
  const nextOf = (hasWords: boolean): string => {
    const result = applyIntervention(red, { kind: 'resume', text: '' }, { hasWords })
    return result.kind === 'applied' ? describeEffect(result.progress.next) : result.kind
  }
  expect([nextOf(false), nextOf(true)]).toEqual(['land', 'prepare(then turn(continue))'])
})

test('a landing that could not be done is taken up again as it is, by an approval and by a resume', () => {
  const landing: RunProgress = {
    ...firstProgress(true),
    state: 'landing',
    next: { kind: 'land' },
    base: 'b',
    head: 'h',
    tree: 't',
    turns: 1,
  }
  const outcome = { kind: 'failed', outcome: 'branch-moved', reason: 'moved', activeMs: 0 } as const
  const blocked = advance(landing, outcome, context)
  expect([blocked.state, blocked.outcome]).toEqual(['blocked', 'branch-moved'])
  for (const kind of ['approve', 'resume'] as const) {
    const result = applyIntervention(blocked, { kind, text: '' })
    expect(result.kind === 'applied' ? result.progress.next : result).toEqual({ kind: 'land' })
  }
})
