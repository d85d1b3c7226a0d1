import { stripVTControlCharacters } from 'node:util'
import { Run, RunId, type RunState } from '@coxswain/model'
import { expect, test } from 'vitest'
import { renderLive, type LiveModel, type LivePlace } from './render-live.ts'

const place: LivePlace = { columns: 100, rows: 24, now: 1_000_000, hasColour: false }

test('what goes on, then what needs a person; the rest is counted', () => {
  expect(renderLive(model, place).join('\n')).toMatchInlineSnapshot(`
    "/srv/shop (main): 3 going on, 1 queued, 1 landed, 1 needs you, 1,234,567 tokens today. Ctrl-C stops
    run  state     task                       agent     tokens     time  last event
    r1   working   Page through long lists    codex     12,345     1:02  0:12 ago: agent: reading src/p…
    r2   checking  Replace moment with date…  acp:some          1:00:00  0:00 ago: gates: test failed (…
    r6   waiting                              codex                0:00  waits for the agent's limit or…
    r4   blocked                              codex                0:05  Which of both clocks is meant?"
  `)
})

test('lines are cut at the width and rows at the height', () => {
  expect(renderLive(model, { ...place, columns: 40, rows: 5 }).join('\n')).toMatchInlineSnapshot(`
    "/srv/shop (main): 3 going on, 1 queued,…
    run  state    task        agent  tokens…
    r1   working  Page thro…  codex  12,345…
    … and 3 more: cox task list"
  `)
})

test('colours wrap whole lines: the head, what checks or lands, what needs a person', () => {
  const plainLines = renderLive(model, place)
  const coloured = renderLive(model, { ...place, hasColour: true })
  expect(coloured.map(stripVTControlCharacters)).toEqual(plainLines)
  expect(coloured.map((line) => line.startsWith('\u001B['))).toEqual([false, true, false, true, false, true])
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
  titles: { t1: 'Page through \u001B[31mlong lists', t2: 'Replace moment with date-fns in packages/billing and elsewhere' },
  deeds: new Map([
    [RunId.parse('r1'), { text: 'agent: reading \u001B[31msrc/pager.ts', at: 988_000 }],
    [RunId.parse('r2'), { text: 'gates: test failed (2.0 s)', at: 1_000_000 }],
  ]),
  waitsFor: new Map([[RunId.parse('r6'), "the agent's limit or a retry, until 12:00:00"]]),
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
    run('r6', 'waiting', {}),
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
