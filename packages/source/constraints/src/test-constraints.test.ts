import { expect, test } from 'vitest'
import { parseConstraint } from './parse-constraint.ts'
import { isFailed, renderSelfTests, testConstraints } from './test-constraints.ts'
import type { Constraint } from './constraint.ts'

function withCheck(check: string, examples: { readonly bad: string; readonly good: string; readonly path?: string }): Constraint {
  const path = examples.path ?? 'a.ts'
  const text = `---\nid: one\nclass: one\nseverity: error\nscope: ['**']\nrungs:\n  - check: ${check}\nowner: team\n---\n\n# One\n\n## Why\n\nw\n\n## Fix\n\nf\n\n## Bad\n\n\`\`\`ts ${path}\n${examples.bad}\n\`\`\`\n\n## Good\n\n\`\`\`ts ${path}\n${examples.good}\n\`\`\`\n`
  const { constraint } = parseConstraint({ file: 'harness/constraints/one.md', text })
  if (constraint === null) throw new Error('the fixture is not a constraint')
  return constraint
}

async function verdict(constraint: Constraint): Promise<string> {
  const [result] = await testConstraints([constraint])
  return `${result?.verdict ?? 'none'}: ${result?.detail ?? ''}`
}

const pattern = "{ language: ts, pattern: 'bad($A)' }"

test('a check that fires on bad and is silent on good passes', async () => {
  expect(await verdict(withCheck(pattern, { bad: 'bad(1)', good: 'good(1)' }))).toBe('passed: ')
})

test('a check that is silent on bad fails', async () => {
  expect(await verdict(withCheck(pattern, { bad: 'worse(1)', good: 'good(1)' }))).toBe(
    'silent-on-bad: The check finds nothing in the bad example.',
  )
})

test('a check that fires on good fails and shows where', async () => {
  expect(await verdict(withCheck(pattern, { bad: 'bad(1)', good: '\nbad(2)' }))).toBe(
    'fires-on-good: In the good example, a.ts:2: bad(2)',
  )
})

test.for<readonly [string, string, string]>([
  ['a rule nobody can run', '{ rule: max-lines }', 'broken: No runner for the rule `max-lines`'],
  ['a missing program', '{ command: [no-such-program] }', 'broken: The program `no-such-program` was not found'],
  [
    'a program that ends with another code',
    "{ command: [node, -e, 'process.exit(7)', --] }",
    'broken: `node -e process.exit(7) --` ended with 7',
  ],
  ['an unknown language', "{ language: cobol, pattern: 'x' }", 'broken: "cobol" is not a language'],
  ['a rule object that is none', '{ language: ts, match: { nonsense: true } }', 'broken: The ast-grep rule is not valid'],
])('%s is broken, never passed', async ([, check, expected]) => {
  expect(await verdict(withCheck(check, { bad: 'bad(1)', good: 'good(1)' }))).toContain(expected)
})

test('an example cannot leave its folder', async () => {
  expect(await verdict(withCheck(pattern, { bad: 'bad(1)', good: 'good(1)', path: '../out.ts' }))).toContain(
    "broken: The example's path `../out.ts` leaves its folder",
  )
})

test('a command sees the files and its exit code decides', async () => {
  const script = "process.exit(require('node:fs').readFileSync(process.argv[1], 'utf8').includes('bad') ? 1 : 0)"
  expect(
    await verdict(withCheck(`{ command: [node, -e, ${JSON.stringify(script)}, '{files}'] }`, { bad: 'bad', good: 'good' })),
  ).toBe('passed: ')
})

test('the report is one line when all passed', async () => {
  const results = await testConstraints([withCheck(pattern, { bad: 'bad(1)', good: 'good(1)' })])
  expect(renderSelfTests(results, 1)).toBe('tested 1 check: all passed\n')
})

test('a check without examples is named, and fails nothing', async () => {
  const { bad: _, ...without } = withCheck(pattern, { bad: 'bad(1)', good: 'good(1)' })
  const results = await testConstraints([
    { ...without, id: 'two', bad: [] },
    withCheck(pattern, { bad: 'bad(1)', good: 'good(1)' }),
  ])
  expect(results.map(isFailed)).toEqual([false, false])
  expect(renderSelfTests(results, 2)).toBe('without examples, so not tested: two\ntested 1 check: all passed\n')
  expect(renderSelfTests(results.slice(0, 1), 1)).toBe('without examples, so not tested: two\ntested 0 checks\n')
})

test('where there is nothing to test, the report says what is missing', () => {
  expect([renderSelfTests([], 0), renderSelfTests([], 3)]).toEqual([
    'nothing to test: there are no constraints yet. Write one: cox constraint new <id>\n',
    'nothing to test: none of the 3 constraints has a check. Add a `check` rung with examples in `## Bad` and `## Good`\n',
  ])
})
