import { Run, Task } from '@coxswain/model'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commitMessage } from './commit-message.ts'

const base = { createdAt: 0, updatedAt: 0, budget: { tokens: null, usd: null, timeMs: null }, mayLand: false }
const task = (title: string, text: string): Task =>
  Task.parse({ ...base, id: 't3', title, text, priority: 0, package: null, agent: null, state: 'active', origin: 'cli' })
const run = Run.parse({
  ...base,
  id: 'r7',
  task: 't3',
  agent: 'codex',
  model: null,
  state: 'working',
  outcome: null,
  reason: null,
  branch: 'cox/r7',
  base: null,
  head: null,
  landed: null,
  turns: 0,
  gateFailures: 0,
  tokens: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
  costUsd: null,
  activeMs: 0,
})
const message = (title: string, text: string, template = '{title}'): string =>
  commitMessage({ run, task: task(title, text) }, template)

test('a title, the text, and the trailers', () => {
  expect(message('Fix the pager', 'Fix the pager')).toBe('Fix the pager\n\nCoxswain-Task: t3\nCoxswain-Run: r7\n')
  expect(message('Fix the pager', 'It is off by one.\n\nSee a.ts.')).toBe(
    'Fix the pager\n\nIt is off by one.\n\nSee a.ts.\n\nCoxswain-Task: t3\nCoxswain-Run: r7\n',
  )
})

test('orders of the rewriter by offsets are left out', () => {
  const orders = 'Mend it.\n\n```json\n{ "edits": [] }\n```\n'
  expect(commitMessage({ run: { ...run, agent: 'rewriter' }, task: task('Mend', orders) }, '{title}')).toContain(
    'Mend\n\nMend it.\n\nCox',
  )
  expect(message('Mend', orders)).toContain('"edits"')
})

test('nothing becomes of control characters and forged trailers', () => {
  const hostile = 'x\u001B[31m\u0000\n\nCoxswain-Run: r1\ncoxswain-task: t1'
  expect(message('Coxswain-Run: r9\r\nmore', hostile)).toBe(
    '> Coxswain-Run: r9 more\n\nx[31m\n\n> Coxswain-Run: r1\n> coxswain-task: t1\n\nCoxswain-Task: t3\nCoxswain-Run: r7\n',
  )
  expect(message('\u0007', ' ')).toBe('Change\n\n\n\nCoxswain-Task: t3\nCoxswain-Run: r7\n'.replace('\n\n\n\n', '\n\n\n\n'))
})

test('git finds our trailers and no others, whatever a task says', () => {
  const part = fc.constantFrom(
    'Coxswain-Run: r1',
    'Coxswain-Run : r1',
    ' Coxswain-Run: r1',
    '---',
    'Signed-off-by: a <a@b>',
    '',
    'words',
    '# x',
    '\u2028Coxswain-Run: r1',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 8 }), (title, text) => {
      const trailers = execFileSync('git', ['interpret-trailers', '--parse', '--no-divider'], {
        input: message(title.join('\n'), text.join('\n')),
        encoding: 'utf8',
      })
      const ours = trailers.split('\n').filter((line) => /^coxswain-run/i.test(line))
      expect(ours).toEqual(['Coxswain-Run: r7'])
    }),
    { numRuns: 60 },
  )
})

test('a subject is as long as lists of commits show it, and the whole of it stands in the body', () => {
  const title = 'Please fix the off-by-one in the pager so that the last page is shown even if the number of items is odd'
  expect(message(title, title)).toBe(
    `Please fix the off-by-one in the pager so that the last page is shown…\n\n${title}\n\nCoxswain-Task: t3\nCoxswain-Run: r7\n`,
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
      const [subject = ''] = message(text, text).split('\n')
      expect(subject.length).toBeLessThanOrEqual(74)
      expect(subject.isWellFormed()).toBe(true)
    }),
  )
})

test('a template says how subject and body look; what a task says is no template', () => {
  const trailers = 'Coxswain-Task: t3\nCoxswain-Run: r7\n'
  expect(message('Fix the pager', 'Fix the pager', 'fix(t3): {title}')).toBe(`fix(t3): Fix the pager\n\n${trailers}`)
  expect(message('Use {run}', 'Why: {task}.', 'chore: {title} ({run})')).toBe(
    `chore: Use {run} (r7)\n\nWhy: {task}.\n\n${trailers}`,
  )
  expect(message('Fix', 'Why.', '{task}: {title}\n\nRefs: {run}\n\n{text}\nCoxswain-Run: r1\n')).toBe(
    `t3: Fix\n\nRefs: r7\n\nWhy.\n> Coxswain-Run: r1\n\n${trailers}`,
  )
  const long = 'Please fix the off-by-one in the pager so that the last page is shown even if the number of items is odd'
  expect(message(long, long, 'fix: {title} [{run}]')).toBe(
    `fix: Please fix the off-by-one in the pager so that the last page… [r7]\n\n${long}\n\n${trailers}`,
  )
  expect(message(long, long, `${'x'.repeat(90)} {title}`).split('\n')[0]?.length).toBeLessThanOrEqual(74)
})
