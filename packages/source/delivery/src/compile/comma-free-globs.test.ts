import { globTest } from '@coxswain/constraints'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { commaFreeGlobs } from './comma-free-globs.ts'

const word = fc.constantFrom('a', 'b', 'c.ts', '*', '*.ts', '[ab]', '?', '@(a|b)', '{a..c}')
// Two stars that meet by chance are one `**` to the matcher, and none to a reader.
const plain = fc.constantFrom('a', 'b', 'c.ts', '[ab]')
const { glob } = fc.letrec<{ part: string; glob: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.array(tie('part'), { minLength: 2, maxLength: 3 }).map((parts) => `{${parts.join(',')}}`),
    fc.tuple(plain, fc.array(word, { minLength: 2, maxLength: 3 })).map(([before, parts]) => `${before}{${parts.join(',')}}`),
  ),
  // A folder is no file in itself, and the matcher's answer to that depends on the glob: only files are asked about.
  glob: fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: tie('part') }, fc.constant('**')), { maxLength: 2 }),
      fc.constantFrom('c.ts', '*.ts', '{c,x}.ts', '{c.ts,x.*}', '[cx].ts'),
    )
    .map(([parts, last]) => [...parts, last].join('/')),
}))
const folder = fc.constantFrom('a', 'b', 'c', 'ab', 'aa', 'ac.ts', 'ba', 'bb')
const path = fc
  .tuple(fc.array(folder, { maxLength: 3 }), fc.constantFrom('c.ts', 'x.ts', 'ac.ts', 'x.md'))
  .map(([folders, file]) => [...folders, file].join('/'))

test('CON-57 globs without commas match what the globs match', () => {
  fc.assert(
    fc.property(
      fc.array(glob, { minLength: 1, maxLength: 2 }),
      fc.array(path, { minLength: 1, maxLength: 20 }),
      (globs, files) => {
        const written = commaFreeGlobs(globs)
        fc.pre(written !== null)
        expect(written?.join('')).not.toContain(',')
        const matched = (list: readonly string[]): string[] => files.filter(globTest(list))
        expect([globs, written, matched(written ?? [])]).toEqual([globs, written, matched(globs)])
      },
    ),
    { numRuns: 2_000 },
  )
})

test('CON-57 commas outside of braces are not written as if they parted globs', () => {
  for (const beyond of ['[a,b]/x', 'a,b.ts', '{a,b', '@({a,b}|c)', '{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}'])
    expect([beyond, commaFreeGlobs(['src/**', beyond])]).toEqual([beyond, null])
  expect(commaFreeGlobs(['packages/**/*.{ts,tsx}', 'docs/**'])).toEqual(['packages/**/*.ts', 'packages/**/*.tsx', 'docs/**'])
})
