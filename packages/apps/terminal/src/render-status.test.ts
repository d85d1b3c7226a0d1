import { Run, RunId, StoredEvent, type DataOf, type EventName, type RunState } from '@coxswain/model'
import { StatusResponse } from '@coxswain/protocol'
import { expect, test } from 'vitest'
import { lastDeed, renderStatus } from './render-status.ts'

const now = 1_000_000
const place = { program: 'p', position: 0 }

test('what each run does and for how long, what waits for what, what needs a person', () => {
  const runs = [
    run('r1', 'working', { turns: 2, activeMs: 1_000, updatedAt: now - 61_000 }),
    run('r2', 'waiting', {}),
    run('r3', 'queued', {}),
    run('r4', 'checking', {}),
    run('r5', 'blocked', { outcome: 'blocked', reason: 'Which of both\nclocks is meant?' }),
    run('r6', 'landed', { outcome: 'landed' }),
  ]
  const status = StatusResponse.parse({
    protocol: 1,
    version: '0',
    pid: 7,
    worker: 'w',
    repository: '/srv/shop',
    branch: 'main',
    isEphemeral: false,
    startedAt: 0,
    counts: { working: 1, waiting: 1, queued: 1, checking: 1, blocked: 1, landed: 1 },
    active: runs.slice(0, 4),
    activity: [
      event('r1', 'agent-usage', 999_500, place),
      event('r1', 'agent-message', 988_000, { ...place, text: 'reading \u001B[31msrc/pager.ts' }),
      event('r2', 'agent-message', 900_000, { ...place, text: 'hello' }),
      event('r1', 'agent-message', 1, { ...place, text: 'older' }),
    ],
    suspended: ['r4'],
    waits: [
      { run: 'r2', for: "the agent's limit or a retry, until 12:00:00" },
      { run: 'r3', for: 'a place: 2 of 2 in use' },
    ],
    workers: [],
    today: { tokens: 12_345, usd: 0.5 },
    lastEvent: 9,
    warnings: ['No gates are configured'],
  })
  const titles = { t1: 'Page through \u001B[31mlists', t3: `Replace ${'x'.repeat(80)}`, t5: 'Show the clock' }
  expect(renderStatus({ status, runs, titles, daemon: { pid: 7 }, log: '/var/log/d', now })).toMatchInlineSnapshot(`
    "Daemon 7 serves /srv/shop, lands on main. Log: /var/log/d
    Warning: No gates are configured
    1 run waits for \`cox up\`: the daemon was stopped.
    Runs: 1 working, 1 waiting, 1 queued, 1 blocked, 1 landed, 1 stopped with the daemon. Today: 12,345 tokens, $0.50.

    Going on
      r1 working · Page through lists · codex · 2 turns, 1 min 2 s
         agent: reading src/pager.ts (12.0 s ago)
      r2 waiting · codex · 0 turns, 0 ms
         waits for the agent's limit or a retry, until 12:00:00

    Queued
      r3 queued · Replace xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… · codex · 0 turns, 0 ms
         waits for a place: 2 of 2 in use

    Stopped
      r4 waits for \`cox up\` · codex · 0 turns, 0 ms

    Needs you
      r5 blocked · Show the clock · codex · 0 turns, 0 ms
         Which of both clocks is meant?"
  `)
})

test('an event that says nothing to a person is passed over; none is none', () => {
  const waited = event('r1', 'wait-ended', 1, { from: 'waiting', to: 'working', outcome: null, reason: null })
  expect(lastDeed([event('r1', 'agent-usage', 2, place), waited])).toEqual({ text: 'waited', at: 1 })
  expect(lastDeed([{ ...waited, version: 99, at: 2 }, waited])).toEqual({ text: 'waited', at: 1 })
  expect(lastDeed([])).toBeNull()
})

function event<Name extends EventName>(of: string, name: Name, at: number, data: DataOf<Name>): StoredEvent {
  return StoredEvent.parse({ seq: at, at, task: null, run: RunId.parse(of), name, data })
}

function run(id: string, state: RunState, more: Partial<Run>): Run {
  return Run.parse({
    id,
    task: id.replace('r', 't'),
    agent: 'codex',
    model: null,
    state,
    outcome: null,
    reason: null,
    branch: `cox/${id}`,
    base: null,
    head: null,
    landed: null,
    turns: 0,
    gateFailures: 0,
    tokens: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    costUsd: null,
    budget: { tokens: null, usd: null, timeMs: null },
    mayLand: false,
    activeMs: 0,
    createdAt: 0,
    updatedAt: now,
    ...more,
  })
}
