import { stripVTControlCharacters } from 'node:util'
import { Run, RunId, type RunState } from '@coxswain/model'
import { expect, test } from 'vitest'
import { renderLive, type LiveModel, type LivePlace } from './render-live.ts'

const place: LivePlace = { columns: 100, rows: 24, now: 1_000_000, hasColour: false }

test('what goes on, then what needs a person; the rest is counted', () => {
  expect(renderLive(model, place).join('\n')).toMatchInlineSnapshot(`
    "/srv/shop (main): 2 going on, 1 queued, 1 landed, 1 needs you, 1,234,567 tokens today. Ctrl-C stops
    run  state     agent     tokens     time  last event
    r1   working   codex     12,345     1:02  agent: reading src/pager.ts
    r2   checking  acp:some          1:00:00  gates: test failed (2.0 s)
    r4   blocked   codex                0:05  Which of both clocks is meant?"
  `)
})

test('lines are cut at the width and rows at the height', () => {
  expect(renderLive(model, { ...place, columns: 40, rows: 5 }).join('\n')).toMatchInlineSnapshot(`
    "/srv/shop (main): 2 going on, 1 queued,…
    run  state    agent  tokens  time  last…
    r1   working  codex  12,345  1:02  agen…
    … and 2 more: cox task list"
  `)
})

test('colours wrap whole lines: the head, what checks or lands, what needs a person', () => {
  const plainLines = renderLive(model, place)
  const coloured = renderLive(model, { ...place, hasColour: true })
  expect(coloured.map(stripVTControlCharacters)).toEqual(plainLines)
  expect(coloured.map((line) => line.startsWith('\u001B['))).toEqual([false, true, false, true, true])
})

test('without runs there is only the summary', () => {
  expect(renderLive({ ...model, runs: [], tokensToday: 0 }, place)).toEqual([
    '/srv/shop (main): 0 going on, 0 queued, 0 landed. Ctrl-C stops',
  ])
})

const model: LiveModel = {
  repository: '/srv/shop',
  branch: 'main',
  tokensToday: 1_234_567,
  news: new Map([
    [RunId.parse('r1'), 'agent: reading \u001B[31msrc/pager.ts'],
    [RunId.parse('r2'), 'gates: test failed (2.0 s)'],
  ]),
  runs: [
    run('r1', 'working', {
      activeMs: 61_000,
      updatedAt: 998_500,
      tokens: { input: 12_000, cachedInput: 300, cacheWrite: 0, output: 45, reasoning: 0 },
    }),
    run('r2', 'checking', { agent: 'acp:some very long command line', activeMs: 3_600_000 }),
    run('r3', 'queued', {}),
    run('r4', 'blocked', { outcome: 'blocked', reason: 'Which of both\nclocks is meant?', activeMs: 5_000, updatedAt: 1 }),
    run('r5', 'landed', { outcome: 'landed' }),
  ],
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
    updatedAt: 1_000_000,
    ...more,
  })
}
