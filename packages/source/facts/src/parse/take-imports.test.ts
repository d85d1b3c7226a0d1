import { expect, test } from 'vitest'
import { extractFacts } from '../extract/extract-facts.ts'

test('reads thousands of imports as the parser reads a few, where they stand', () => {
  const forms = [
    "import { aN } from './a.ts'",
    'import { type TN, b as cN } from "./b.ts";',
    "import type { UN } from './c.ts'",
    "import dN from './d.ts'",
    "import eN, { fN,\n  gN } from './e.ts'",
    "import * as hN from './f.ts'",
    "import './g.ts'",
    "import { type VN } from './h.ts'",
    "export { iN } from './i.ts'",
    "const jN = import('./j.ts')",
  ]
  const text = (count: number): string =>
    Array.from({ length: count }, (_, at) => `${forms.join('\n').replaceAll('N', String(at))}\n`).join('')
  const few = extractFacts('a.ts', Buffer.from(text(1)))
  const all = extractFacts('a.ts', Buffer.from(text(1_500)))
  const byPlace = ({ imports }: typeof few): unknown =>
    imports
      .toSorted((a, b) => a.start - b.start)
      .map(({ from, form, names, isType, line, column }) => [from, form, names, isType, line, column])
  const expected = byPlace(few) as unknown[]
  expect((byPlace(all) as unknown[]).slice(0, expected.length)).toEqual(expected)
  expect([all.imports.length, all.problem, all.exports.length]).toEqual([15_000, undefined, 1_500])
})
