import { noUsage, type AgentFailure } from '@coxswain/agents'
import { HarnessConfig, type GateResult } from '@coxswain/model'
import { firstProgress } from '../first-progress.ts'
import type { Effect, EffectOutcome, RunProgress } from '../run-progress.ts'

/* One outcome of each kind and one place in which each can come, for tests of the machine. */

export const { limits } = HarnessConfig.parse({})
export const context = { limits, nowMs: 1_000_000, isFree: false }

export const commit = (letter: string): string => letter.repeat(40)
export const gate = (verdict: GateResult['verdict'], excerpt = 'boom'): GateResult => ({
  gate: 'test',
  verdict,
  exitCode: verdict === 'failed' ? 1 : null,
  wallMs: 5,
  excerpt,
  logFile: '/logs/out',
  tree: commit('a'),
})
export const failure = (kind: AgentFailure['kind']): AgentFailure => ({
  kind,
  message: `it was ${kind}`,
  code: null,
  retryAfter: null,
  resetAt: null,
})
export const turn: Extract<EffectOutcome, { kind: 'turn-ended' }> = {
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
  'prepared on red': {
    kind: 'prepared',
    activeMs: 1,
    base: commit('b'),
    head: commit('b'),
    tree: commit('c'),
    red: gate('failed'),
  },
  'setup-failed': { kind: 'setup-failed', activeMs: 1, excerpt: 'npm ci: exit code 1' },
  'turn: changed': turn,
  'turn: nothing changed': { ...turn, isChanged: false },
  'turn: protected': { ...turn, protectedPaths: ['harness/harness.yaml'] },
  'turn: words left': { ...turn, undelivered: [{ id: 1, text: 'use tabs' }] },
  'turn: paused': { ...turn, interruptedBy: { by: 'pause', text: '' } },
  'turn: out of budget': { ...turn, interruptedBy: { by: 'budget', text: 'The token budget is used up.' } },
  'turn: cut short': { ...turn, failure: null, interruptedBy: { by: 'shutdown', text: 'the daemon was stopped' } },
  'turn: rate-limited': { ...turn, failure: failure('rate-limited') },
  'turn: crashed': { ...turn, failure: failure('crashed') },
  'turn: context-overflow': { ...turn, failure: failure('context-overflow') },
  'turn: auth': { ...turn, failure: failure('auth') },
  'gates: passed': { kind: 'checked', activeMs: 1, results: [gate('passed')] },
  'gates: passed, words left': {
    kind: 'checked',
    activeMs: 1,
    results: [gate('passed')],
    undelivered: [{ id: 1, text: 'use tabs' }],
  },
  'gates: none': { kind: 'checked', activeMs: 1, results: [] },
  'gates: failed': { kind: 'checked', activeMs: 1, results: [gate('failed')] },
  'gates: not startable': { kind: 'checked', activeMs: 1, results: [gate('not-startable')] },
  waited: { kind: 'waited', activeMs: 0 },
  landed: { kind: 'landed', activeMs: 1, commit: commit('f'), results: [] },
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
  'base-red': { kind: 'base-red', activeMs: 1, main: commit('1'), result: gate('failed') },
  'nothing-left': { kind: 'nothing-left', activeMs: 1 },
  'main-dirty': { kind: 'main-dirty', activeMs: 1, paths: ['a.ts'] },
  paused: { kind: 'interrupted', activeMs: 1, interruption: { by: 'pause', text: 'lunch' } },
  cancelled: { kind: 'interrupted', activeMs: 1, interruption: { by: 'cancel', text: '' } },
  reworked: { kind: 'interrupted', activeMs: 1, interruption: { by: 'rework', text: 'no new dependency' } },
  'out of budget': { kind: 'interrupted', activeMs: 1, interruption: { by: 'budget', text: 'The time budget is used up.' } },
  failed: { kind: 'failed', activeMs: 1, outcome: 'harness-error', reason: 'disk' },
}

export const working: RunProgress = {
  ...firstProgress(false),
  state: 'working',
  base: commit('b'),
  head: commit('b'),
  tree: commit('c'),
  next: { kind: 'turn', prompt: { kind: 'task', reworkReason: null } },
}

export const possible: Readonly<Record<string, readonly string[]>> = {
  preparing: ['prepared', 'prepared on red', 'setup-failed'],
  working: Object.keys(outcomes).filter((name) => name.startsWith('turn')),
  checking: Object.keys(outcomes).filter((name) => name.startsWith('gates')),
  waiting: ['waited'],
  landing: ['landed', 'conflict', 'red', 'base-red', 'main-dirty', 'nothing-left'],
}
export const always = ['paused', 'cancelled', 'reworked', 'out of budget', 'failed']

export const places: Readonly<Record<string, RunProgress>> = {
  preparing: { ...firstProgress(false), state: 'preparing' },
  working,
  checking: { ...working, state: 'checking', next: { kind: 'check' } },
  waiting: { ...working, state: 'waiting', next: { kind: 'wait', untilMs: 5, then: { kind: 'check' } } },
  landing: { ...working, state: 'landing', next: { kind: 'land' }, mayLand: true },
}

export function named(name: string): EffectOutcome {
  const outcome = outcomes[name]
  if (outcome === undefined) throw new Error(`no outcome ${name}`)
  return outcome
}

export function describeEffect(effect: Effect): string {
  if (effect.kind === 'prepare') return `prepare(${effect.tree === null ? '' : 'merged '}then ${describeEffect(effect.then)})`
  if (effect.kind === 'wait') return `wait(${effect.untilMs} then ${describeEffect(effect.then)})`
  return effect.kind === 'turn' ? `turn(${effect.prompt.kind})` : effect.kind
}
