import { HarnessConfig, type Run, RunId, type Task, TaskId } from '@coxswain/model'
import { expect, test } from 'vitest'
import { campaignProgress, renderProgress } from './campaign-progress.ts'

const { budget } = HarnessConfig.parse({})
const usage = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 }

function listed(number: number, folder: string | null, ending: Pick<Run, 'state' | 'outcome'> & { readonly findings: number }) {
  const task: Task = {
    id: TaskId.parse(`t${number}`),
    text: '',
    title: `no-cycles: ${ending.findings} in ${folder ?? 'the root'}`,
    priority: 0,
    package: folder,
    agent: null,
    budget: { tokens: budget.tokens, usd: budget.usd, timeMs: budget.time },
    mayLand: true,
    state: ending.state === 'landed' ? 'done' : 'active',
    origin: 'finding:no-cycles',
    createdAt: 0,
  }
  const { findings: _, ...end } = ending
  const nothing = {
    model: null,
    target: null,
    reason: null,
    base: null,
    head: null,
    landed: null,
    costUsd: null,
    turns: 0,
    gateFailures: 0,
  }
  const times = { activeMs: 0, createdAt: 0, updatedAt: 0 }
  const run: Run = {
    id: RunId.parse(`r${number}`),
    task: task.id,
    agent: 'codex',
    branch: '',
    tokens: usage,
    budget: task.budget,
    mayLand: true,
    ...end,
    ...nothing,
    ...times,
  }
  return { task, run }
}

const finding = { rule: 'no-cycles' } as never

test('what landed, what is open, what is left, and what nobody is at work on', () => {
  const progress = campaignProgress(
    'no-cycles',
    [
      { package: 'packages/two', findings: [finding, finding] },
      { package: '', findings: [finding] },
    ],
    [
      listed(1, 'packages/one', { state: 'landed', outcome: 'landed', findings: 3 }),
      listed(2, 'packages/two', { state: 'stopped', outcome: 'budget-exceeded', findings: 2 }),
      listed(3, 'packages/two', { state: 'blocked', outcome: 'blocked', findings: 2 }),
    ],
  )
  expect(renderProgress(progress)).toMatchInlineSnapshot(`
    "no-cycles: 3 of 6 findings landed in 1 task; 3 left, 1 open task
    package       left  task  run  state
    (root)        1                no task
    packages/one  0     t1    r1   landed
    packages/two  2     t3    r3   blocked"
  `)
})

test('nothing at all', () => {
  expect(renderProgress(campaignProgress('no-cycles', [], []))).toBe('no-cycles: nothing to mend, and no task of a campaign')
})
