import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories } from '../sample-repository.ts'
import { planInit } from './plan-init.ts'

afterEach(removeRepositories)

/** Sentences beside those of the table: each says less, more, the opposite, or says it of something else. */
const nearMisses: Readonly<Record<string, readonly string[]>> = {
  'the opposite': [
    'Always use `any` here.',
    'Prefer `interface` over `type`.',
    'Use `interface` instead of `type`.',
    'Use function declarations instead of arrow functions.',
    'Prefer classes over functions.',
    'Use classes; avoid functional patterns.',
    'Use `==` instead of `===`.',
    'Use string concatenation instead of template literals.',
    'Use `.then()` instead of async/await.',
    'Use `forEach` instead of loops.',
    'Prefer default exports.',
    'Use `let` for variables that are not reassigned.',
    'Omit braces around control statements.',
    'Avoid unnecessary braces.',
  ],
  'a negation of it': [
    'Do not avoid `any`.',
    'Never remove `eslint-disable` comments.',
    'Never delete TODO comments.',
    'Do not forget `@ts-expect-error`.',
    'Never say that we never use `eval`.',
    'It is not true that `any` is forbidden.',
    'There is no rule that says never use `var`.',
    'No longer avoid `enum`.',
    'Do not replace `interface` by `type`.',
  ],
  'an exception': [
    'No `any` types unless absolutely necessary',
    'Never use `@ts-expect-error` unless a comment says why.',
    'Never use `// @ts-ignore` or `// @ts-expect-error` without a clear comment.',
    'Avoid `forEach` where possible.',
    'Avoid classes; prefer functions where that is simple.',
    'Do not use `interface` except for public APIs.',
    'Never use `.then()`, but it is fine at the top level.',
    'No TODO comments other than those with a ticket.',
    'Never use `eval` (the sandbox may).',
    'Avoid `as any` if you can.',
    'No default exports apart from pages.',
    'Never use `console.log`, only the CLI may.',
    'Use `===` instead of `==`, save for `null`.',
  ],
  'a narrower place': [
    'Never use `any` in tests.',
    'No `console.log` in production.',
    'Do not use `forEach` in hot loops.',
    'Never use classes in the parser; prefer functions.',
    'New code must not use `interface`.',
    'No default exports for components.',
    'Use `type` instead of `interface` for props.',
    'Never use `eval` on user input.',
    'In React components, avoid classes; prefer functional patterns.',
    'When you write tests, never use `any`.',
    'If a file is generated, do not use `var`.',
    'From now on, never use `enum`.',
  ],
  'a further demand': [
    'Use TypeScript for all code; prefer `type` over `interface`.',
    'Use functional and declarative programming patterns; avoid classes',
    'Never use `any`, `as` or `!`.',
    'Never use `any` and keep functions short.',
    'Never use "any", "as"',
    'Do not add `any`, non-null assertions, or unsafe casts.',
    'No default exports, use function declarations.',
    'Avoid `eval` and name what you run.',
    'Use `===` instead of `==` and write a test for it.',
  ],
  'something else': [
    'Do not use any package that is not on the list.',
    'Never use any types of the old client.',
    'Avoid classes.',
    'Never use classes; prefer utility classes.',
    'No interfaces to the old system.',
    'Never let a class of the style sheet leak.',
    'No enumerations in the documentation.',
    'Do not use default exports of Excel.',
    'Never eval a budget by feel.',
    'Always prefer explicit names over `any` name at all.',
  ],
  'a question or a report': [
    'Should we never use `any`?',
    'Why do we never use `enum`?',
    'Never use `any`?',
    'The linter says: never use `var`.',
    'We used to say that you must never use `eval`.',
    'They never use `any` in that project.',
    'Never use `any` is what we said last year.',
    '"Never use `any`" is no rule of ours.',
  ],
  'less than never': [
    'Try not to use `any`.',
    'Minimise `forEach`.',
    'Use `interface` sparingly.',
    'Think twice before you use `eval`.',
    'You may avoid `enum`.',
    'Prefer not to use classes.',
    'Where possible, do not use `any`.',
    'Ideally, never use `var`.',
    'Usually, no `any`.',
  ],
}

test.for(Object.entries(nearMisses))('CON-63 what says %s stays', async ([, sentences], { expect }) => {
  const text = `# Rules\n\n${sentences.map((one) => `- ${one}\n`).join('')}`
  const eslint =
    "export default [{ rules: { '@typescript-eslint/no-explicit-any': 'error', 'no-var': 'error', 'prefer-template': 'error', curly: ['error', 'all'], '@typescript-eslint/consistent-type-definitions': ['error', 'type'] } }]\n"
  const files = { 'package.json': '{"scripts":{"lint":"eslint ."}}', 'eslint.config.js': eslint, 'src/a.ts': 'export {}\n' }
  const plan = await planInit(await makeRepository({ ...files, 'AGENTS.md': text }))
  expect(plan.sentences.filter(({ outcome }) => outcome.kind !== 'kept')).toEqual([])
  expect(plan.files).toEqual([])
})

test('CON-63 a code block, a quotation and a comment say nothing of their own', async () => {
  const text =
    '# Rules\n\n```md\n- Never use `any`.\n```\n\n> - Never use `eval`.\n\n<!--\n- Never use `var`.\n-->\n\n    - No `enum`.\n'
  expect((await planInit(await makeRepository({ 'AGENTS.md': text, 'src/a.ts': 'export {}\n' }))).files).toEqual([])
})

test('CON-63 the sentences beside them leave, each for what was run', async () => {
  const sentences = [
    'IMPORTANT: Never use "any"',
    'Never use classes; prefer functional/declarative patterns',
    'Avoid classes; prefer functions',
    'Prefer `type` over `interface`',
    'Use arrow functions instead of function declarations.',
    'Use async/await instead of `.then()`',
    'Use `===` instead of `==`.',
    'No TODO comments.',
    'Do not use `eslint-disable` comments',
    'Never use `@ts-nocheck`',
  ]
  for (const sentence of sentences) {
    const plan = await planInit(await makeRepository({ 'AGENTS.md': `- ${sentence}\n`, 'src/a.ts': 'export {}\n' }))
    expect(plan.sentences.map(({ text, outcome }) => [text, outcome.kind])).toEqual([[sentence, 'replaced']])
  }
})
