import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkRunner, checksOf, loadConstraints } from '@coxswain/constraints'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories } from '../sample-repository.ts'
import { planInit, type InitPlan } from './plan-init.ts'

afterEach(removeRepositories)

/** What each thing is in code, told apart from the table under test. */
const things = {
  '`any`': { bad: 'export let a: any\n', good: 'export let a: unknown\n' },
  '`console.log`': { bad: "console.log('a')\n", good: "log('a')\n" },
  'non-null assertions': { bad: 'export const a = b!.c\n', good: 'export const a = b?.c\n' },
  'default exports': { bad: 'export default 1\n', good: 'export const one = 1\n' },
  '`var`': { bad: 'var a = 1\n', good: 'const a = 1\n' },
  '`eval`': { bad: "eval('1')\n", good: 'evaluate(1)\n' },
  enums: { bad: 'enum A { B }\n', good: "type A = 'b'\n" },
} as const
const thing = fc.constantFrom(...(Object.keys(things) as (keyof typeof things)[]))

/** Sentences that forbid the thing and say nothing else. */
const plainly = fc.constantFrom(
  'Do not use *.',
  'Never use *',
  'No *.',
  'Avoid *.',
  'Please do not use *.',
  "Don't use *!",
  'You must never use *.',
  'Never write * anywhere in our code.',
  '* are forbidden.',
)

/** Sentences about the thing that say less, more or the opposite. */
const otherwise = fc.constantFrom(
  'Use *.',
  'Always use *.',
  'Prefer *.',
  'Do not avoid *.',
  'Never forget to use *.',
  'Do not remove *.',
  'Do not use * unless it is needed.',
  'Never use * in tests.',
  'Never use * except in scripts.',
  'Avoid * where possible.',
  'Do not use * without a comment.',
  'Do not use * and keep functions short.',
  'Do not use * or global state.',
  'Never use * when a test would do.',
  'If you touch the parser, never use *.',
  'Do not use * in `gone/`.',
  'Do not only use *.',
  'It is fine that we never use *.',
  'Do not use * for now, but it is allowed later.',
  'No longer avoid *.',
  'Never say never: use *.',
  'Do not use * (generated code may).',
  'Prefer small functions, avoid * mostly.',
  'New code must not use *.',
  'Do not use * outside of adapters.',
  'Minimise *.',
  'Try not to use *.',
)

const sentence = fc.tuple(thing, fc.oneof(plainly, otherwise)).map(([name, form]) => form.replace('*', name))

function document(sentences: readonly string[]): string {
  return `# Rules\n\n${sentences.map((one) => `## Rules\n\n- ${one}\n`).join('\n')}`
}

async function fires(plan: InitPlan, path: string, code: string): Promise<boolean> {
  const after = plan.files.find((file) => file.path === path)?.after ?? ''
  const root = await makeRepository({ [path]: after })
  await mkdir(dirname(join(root, 'src/a.ts')), { recursive: true })
  await writeFile(join(root, 'src/a.ts'), code)
  const { constraints } = await loadConstraints(root, ['src/a.ts'])
  const found = await Promise.all(
    constraints.flatMap(checksOf).map((check) => checkRunner(undefined)({ check, root, files: ['src/a.ts'] })),
  )
  return found.some((one) => one.length > 0)
}

test('CON-63 a sentence leaves only for a check that fires on what it forbids, whatever else it might say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(sentence, { minLength: 1, maxLength: 12 }), async (sentences) => {
      const text = document(sentences)
      const plan = await planInit(await makeRepository({ 'AGENTS.md': text, 'src/here.ts': 'export {}\n' }))
      const after = plan.files.find(({ path }) => path === 'AGENTS.md')?.after ?? text
      const gone = plan.sentences.filter(({ outcome }) => outcome.kind !== 'kept')
      // Every other line stays, byte for byte and in order.
      const removed = new Set(gone.map(({ line }) => line - 1))
      expect(after).toBe(
        text
          .split('\n')
          .filter((_, index) => !removed.has(index))
          .join('\n'),
      )
      for (const { text: said, outcome } of gone) {
        const name = (Object.keys(things) as (keyof typeof things)[]).find((one) =>
          said.toLowerCase().includes(one.toLowerCase()),
        )
        if (name === undefined || outcome.kind !== 'replaced') throw new Error(`"${said}" left for nothing`)
        expect([said, await fires(plan, outcome.proof.file, things[name].bad)]).toEqual([said, true])
        expect([said, await fires(plan, outcome.proof.file, things[name].good)]).toEqual([said, false])
        expect(said).not.toMatch(
          /unless|except|tests|possible|without| and | or |when|^if |gone|only|fine|now|new code|outside|\(|try|mostly/i,
        )
        expect(said).toMatch(
          /^(?:do not use|never (?:use|write)|no |avoid |please do not|don't use|you must never|.* are forbidden)/i,
        )
      }
    }),
    { numRuns: 25 },
  )
})

test('CON-63 what forbids a thing plainly does leave', async () => {
  const forms = ['Do not use *.', 'Never use *', 'No *.', 'Avoid *.', "Don't use *!"]
  const sentences = Object.keys(things).map((name, index) => (forms[index % forms.length] ?? '').replace('*', name))
  const plan = await planInit(await makeRepository({ 'AGENTS.md': document(sentences) }))
  expect(plan.sentences.filter(({ outcome }) => outcome.kind === 'kept')).toEqual([])
})

const around: readonly (readonly [string, string])[] = [
  ['a numbered list', '1. Never use `any`.\n2. See 1.\n'],
  ['more under the item', '- Never use `any`.\n  - Not even here.\n'],
  ['an item under an item', '- In tests:\n  - Never use `any`.\n'],
  ['a paragraph', 'Never use `any`.\n'],
  ['two sentences', '- Never use `any`. Ask first.\n'],
  ['words struck out', '- ~~Never use `any`.~~\n'],
  ['a task', '- [ ] Never use `any`.\n'],
  ['a quotation', '> - Never use `any`.\n'],
  ['a narrow heading', '## Tests\n\n- Never use `any`.\n'],
  ['a narrow lead', 'When you write a parser:\n\n- Never use `any`.\n'],
  ['an exception beside it', '- Never use `any`.\n- This rule does not apply to tests, except the slow ones.\n'],
  ['an exception behind the list', '- Never use `any`.\n\nThese rules are relaxed, except for the core.\n'],
  ['an exception elsewhere', '- Never use `any`.\n\n## Other\n\nIn fixtures `any` is fine.\n'],
  ['a comment before the list', '<!-- for the parser -->\n\n- Never use `any`.\n'],
  ['a link', '- Never use [`any`](any.md).\n'],
  ['two lines', '- Never use\n  `any`.\n'],
  ['a code block', '```md\n- Never use `any`.\n```\n'],
  ['a list of what is bad', '## Bad examples\n\n- No `any`.\n'],
]

test.for(around)('CON-63 what hangs on other words stays: %s', async ([, text], { expect }) => {
  const plan = await planInit(await makeRepository({ 'AGENTS.md': text }))
  expect(plan.files).toEqual([])
})

test('CON-63 line ends, a byte-order mark and everything around a sentence stay', async () => {
  const text = '\uFEFF---\r\nx: 1\r\n---\r\n# Rules\r\n\r\n* Never use `any`.\r\n*   Be  kind.\t\r\n\r\n\r\nEnd'
  const plan = await planInit(await makeRepository({ 'AGENTS.md': text }))
  expect(plan.files.find(({ path }) => path === 'AGENTS.md')?.after).toBe(text.replace('* Never use `any`.\r\n', ''))
})

test('CON-63 a language that no check looks into keeps a sentence', async () => {
  const files = { 'AGENTS.md': '- Never use `eval`.\n', 'src/App.vue': '<script>eval(1)</script>\n' }
  const { sentences } = await planInit(await makeRepository(files))
  expect(sentences.map(({ outcome }) => outcome)).toEqual([{ kind: 'kept', why: 'no check of ours looks into src/App.vue' }])
})
