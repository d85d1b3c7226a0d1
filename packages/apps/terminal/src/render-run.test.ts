import { Run } from '@coxswain/model'
import { expect, test } from 'vitest'
import { agentLabel, renderEnd } from './render-run.ts'

const ended = (state: string): string =>
  renderEnd(
    Run.parse({
      id: 'r1',
      task: 't1',
      agent: 'rewriter',
      model: null,
      state,
      outcome: 'no-change',
      reason: 'Nothing to change.',
      branch: 'cox/r1',
      base: null,
      head: null,
      landed: null,
      mayLand: false,
      turns: 1,
      gateFailures: 0,
      activeMs: 1,
      tokens: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
      costUsd: null,
      budget: { tokens: null, usd: null, timeMs: null },
      createdAt: 1,
      updatedAt: 1,
    }),
  )

test('a run that has ended names no step that it would refuse', () => {
  expect(ended('blocked')).toContain('cox say r1')
  expect(ended('stopped')).not.toContain('cox ')
})

test.each([
  ['codex', 'codex'],
  ['acp:gemini --acp', 'acp:gemini'],
  ['acp:"/opt/my tools/node" agent.mjs', 'acp:node'],
  ['acp:', 'acp:'],
  ['acp:a; rm', 'acp:a;'],
])('the label of %s is %s', (agent, label) => expect(agentLabel(agent)).toBe(label))
