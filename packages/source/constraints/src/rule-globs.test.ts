import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRuleFront, splitGlobs } from './rule-globs.ts'

const word = fc.constantFrom('a', 'b', 'src', 'x.ts', '*', '**', '*.ts', '[a,b]', 'a\\,b', '?')
const { glob } = fc.letrec<{ part: string; glob: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.array(tie('part'), { minLength: 2, maxLength: 3 }).map((parts) => `{${parts.join(',')}}`),
  ),
  glob: fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
}))

test('CON-66 a list of globs in one line is those globs, whatever commas they hold', () => {
  fc.assert(
    fc.property(
      fc.array(glob, { maxLength: 4 }),
      fc.constantFrom(',', ', ', ' , '),
      fc.constantFrom('', '"', "'"),
      (globs, comma, quote) => {
        expect(splitGlobs(globs.map((one) => `${quote}${one}${quote}`).join(comma))).toEqual(globs)
      },
    ),
    { numRuns: 500 },
  )
  expect(splitGlobs('a/{b,c')).toBe(null)
})

test('CON-66 globs without the quotes that YAML wants are read as they stand', () => {
  const forms = [
    ['globs: **/*.ts', '**/*.ts'],
    ['globs: {a,b}/**', '{a,b}/**'],
    ['globs: !x/**', '!x/**'],
    ['paths: "a/**, b/*.{ts,tsx}"', 'a/**, b/*.{ts,tsx}'],
    ['applyTo: **', '**'],
  ] as const
  for (const [yaml, value] of forms) expect([yaml, Object.values(readRuleFront(yaml) ?? {})]).toEqual([yaml, [value]])
  expect(readRuleFront('paths:\n  - **/*.ts\n  - b')).toEqual({ paths: ['**/*.ts', 'b'] })
  expect(readRuleFront('a: [')).toBe(null)
})
