import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerptOf } from './excerpt.ts'

test('a short output is kept, without colours, progress and repetition', () => {
  const output = [
    '\u001B[31mFAIL\u001B[0m src/a.test.ts',
    'downloading 1%\rdownloading 50%\rdownloading done\r',
    'warning',
    'warning',
    '',
    '\u001B]0;a title\u0007expected \u001B[1;32m1\u001B[m, received 2\u0008\u0000',
  ].join('\n')
  expect(excerptOf(output)).toBe('FAIL src/a.test.ts\ndownloading done\nwarning\nexpected 1, received 2')
})

test('of a long output the telling lines come first, and the end always', () => {
  const noise = Array.from({ length: 500 }, (_, index) => `step ${index} ok`)
  const output = [...noise.slice(0, 250), 'Error: boom', '  at src/a.ts:3:7', ...noise.slice(250)].join('\n')
  const excerpt = excerptOf(output).split('\n')
  expect(excerpt.slice(0, 4)).toEqual(['Error: boom', '  at src/a.ts:3:7', '… 480 more lines', 'step 480 ok'])
  expect(excerpt).toHaveLength(23)
  expect(excerpt.at(-1)).toBe('step 499 ok')
})

test('secrets go nowhere, also when a line or the whole is cut', () => {
  const key = `sk-${'a1'.repeat(20)}`
  for (const output of [`key ${key}`, `${'x'.repeat(390)} ${key}`, `${`${'y '.repeat(190)}\n`.repeat(200)}${key}`]) {
    expect(excerptOf(output)).not.toContain('a1a1a1a1')
  }
})

test('whatever a program prints, the excerpt is short, plain text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc
      .array(fc.constantFrom('\u001B[', '\u001B]8;;', '\r', '\n', '\u009B', '\0', '🦀', 'error', '\u001B', 'x'.repeat(500)), {
        maxLength: 400,
      })
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(hostile, (output) => {
      const excerpt = excerptOf(output)
      expect(excerpt.length).toBeLessThanOrEqual(4_010)
      // eslint-disable-next-line no-control-regex -- these must be gone
      expect(excerpt).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/)
      expect(excerpt.isWellFormed()).toBe(true)
    }),
    { numRuns: 150 },
  )
})

test('a pathological output costs little', () => {
  const output = `${'\u001B]'.repeat(200_000)}${'\u001B[0;'.repeat(200_000)}${'a'.repeat(1_000_000)}`
  expect(excerptOf(output).length).toBeLessThan(4_010)
})
