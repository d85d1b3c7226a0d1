import { globTest } from '@coxswain/constraints'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globExpression } from './glob-expression.ts'

const part = fc.constantFrom('a', 'b.ts', '*', '**', '*.ts', 'a*b', '?', '[ab]', '[^a]x', '{a,b}', '{a,b*}.ts', '.x', 'a+b', '$')
const glob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const name = fc.constantFrom('a', 'b', 'b.ts', 'bxts', 'x.ts', 'ab', 'axb', '.x', 'bx', 'ax', 'a+b', 'aab', '(a)', '$', 'é.ts')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))

test('the expression matches what the globs match', () => {
  fc.assert(
    fc.property(fc.array(glob, { minLength: 1, maxLength: 3 }), path, (globs, file) => {
      // A folder is no file in itself, and the matcher's answer to that depends on the glob.
      fc.pre(!globs.some((one) => globTest([one.replace(/(?:\/\*\*)+$/, '')])(file) && one.endsWith('/**')))
      const expression = globExpression(globs)
      expect(expression).not.toBeNull()
      expect([globs, file, new RegExp(expression ?? '').test(file)]).toEqual([globs, file, globTest(globs)(file)])
    }),
    { numRuns: 3_000 },
  )
})

test('what an expression cannot say is left alone', () => {
  for (const beyond of [
    '!a',
    '!(a).ts',
    '@(a|b)',
    'app/(group)/**',
    '[[:alpha:]]',
    'a{1..3}',
    'a\\*',
    'a{b',
    '[a',
    '[!a]',
    'x\ny',
  ])
    expect([beyond, globExpression(['src/**', beyond])]).toEqual([beyond, null])
})
