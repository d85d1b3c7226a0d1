import { isCoxError } from '@coxswain/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTaskHead } from './task-head.ts'

const place = { file: 'backlog/1.md', line: 2 }

test('priority, package, agent, title and budgets of a file count', () => {
  const yaml =
    'title: Page through lists\npriority: -5\npackage: packages/web\nagent: rewriter\nbudget: { tokens: 5000, usd: 0.5, time: 20m }\n'
  expect(readTaskHead(yaml, place)).toEqual({
    head: {
      title: 'Page through lists',
      priority: -5,
      package: 'packages/web',
      agent: 'rewriter',
      budget: { tokens: 5000, usd: 0.5, time: 1_200_000 },
    },
    warnings: [],
  })
})

test('keys of other trackers are told and left out, near ones with a suggestion; no file lets its task land', () => {
  expect(readTaskHead('labels: [a]\nprioritty: 1\nland: true\nmayLand: true\n', place)).toEqual({
    head: {},
    warnings: [
      'backlog/1.md: "labels" means nothing here',
      'backlog/1.md: "prioritty" means nothing here; did you mean "priority"?',
      'backlog/1.md: "land" means nothing here',
      'backlog/1.md: "mayLand" means nothing here',
    ],
  })
})

test.each([
  ['priority: high\n', 'backlog/1.md:2: priority: write a number, not "high"'],
  ['title: a\nbudget:\n  time: soon\n', 'backlog/1.md:4: budget.time: '],
  ['a: [\n', 'backlog/1.md:'],
  ['title: *gone\n', 'backlog/1.md:2: '],
])('what cannot be read is told with its line: %j', (yaml, words) => {
  expect(() => readTaskHead(yaml, place)).toThrow(
    expect.objectContaining({ code: 'TASK_INVALID', message: expect.stringContaining(words) }),
  )
})

test('text between two rules is no front matter', () => {
  expect(readTaskHead('Just a line of text\n', place)).toBeNull()
  expect(readTaskHead('', place)).toBeNull()
})

test('any text is read, is none, or is an error of ours', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '-', '&', '*', '[', '{', '"', '<') })),
      (yaml) => {
        try {
          readTaskHead(yaml, place)
        } catch (error) {
          expect(isCoxError(error, 'TASK_INVALID')).toBe(true)
        }
      },
    ),
  )
})
