import { expect, test } from 'vitest'
import { errorAt, renderProblems, warningAt } from './problem.ts'

test('every error is shown, and the first of warnings that are alike', () => {
  const warnings = [1, 2, 3, 4, 5].map((line) => warningAt({ file: 'a.md', line }, 'ALIKE', 'It is empty', 'Fill it.'))
  const errors = [6, 7].map((line) => errorAt({ file: 'a.md', line }, 'WRONG', 'It is wrong', 'Correct it.'))
  expect(
    renderProblems([...warnings, ...errors])
      .split('\n')
      .filter((line) => !line.startsWith('  ')),
  ).toEqual([
    'error WRONG a.md:6',
    'error WRONG a.md:7',
    'warning ALIKE a.md:1',
    'warning ALIKE a.md:2',
    'warning ALIKE a.md:3',
    'warning ALIKE: 2 more with --json',
    '',
  ])
})
