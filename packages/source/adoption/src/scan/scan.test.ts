import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConstraints, renderProblems } from '@coxswain/constraints'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { cheaperText } from '../import/import-constraints.ts'
import { planInit, renderInit } from '../init/plan-init.ts'
import { readInstructions } from '../read/read-statements.ts'
import { staticObjects } from '../read/static-value.ts'
import { makeRepository, removeRepositories, sampleRepository } from '../sample-repository.ts'
import { renderScan } from './render-scan.ts'
import { scan, type Violations, type ViolationsAsked } from './scan.ts'

afterEach(removeRepositories)

/** As the checks room answers: one check that was asked for is off by default. */
function findViolations({ checks }: ViolationsAsked): Promise<Violations> {
  const found = [...Array.from({ length: 7 }, () => 'deadline-on-outbound-call'), 'max-lines', 'max-lines']
  const ran = ['max-lines', ...checks].map((rule) => ({ rule, isByDefault: rule === 'max-lines' }))
  return Promise.resolve({ found: found.map((rule, index) => ({ rule, file: `packages/shop/${index}.ts` })), ran })
}

test('the page of a repository, whole', async () => {
  const root = await makeRepository(sampleRepository)
  const before = await readdir(root, { recursive: true })
  await expect(renderScan(await scan({ root, findViolations }))).toMatchFileSnapshot('fixtures/page.md')
  expect(await readdir(root, { recursive: true })).toEqual(before)
})

test('breaches are counted where the sentence holds, and only of checks that ran', async () => {
  const root = await makeRepository({
    'AGENTS.md': '- Never use `console.log`.\n- Use PascalCase file names.\n- Never use `moment`.\n',
    'packages/shop/AGENTS.md': '- Never use `console.log` here.\n',
    'packages/shop/.claude/rules/log.md': '- Do not call `console.error`.\n',
  })
  const found = ['packages/shop/a.ts', 'packages/other/b.ts'].map((file) => ({ rule: 'structured-logging', file }))
  const asked: string[][] = []
  const { mechanisable } = await scan({
    root,
    findViolations: ({ checks }) => {
      asked.push([...checks].toSorted())
      return Promise.resolve({ found, ran: checks.map((rule) => ({ rule, isByDefault: false })) })
    },
  })
  expect(asked).toEqual([['canonical-library', 'file-name', 'structured-logging']])
  expect(mechanisable.map((one) => [one.file, one.line, one.violations])).toEqual([
    ['AGENTS.md', 1, 2],
    ['packages/shop/AGENTS.md', 1, 1],
    ['packages/shop/.claude/rules/log.md', 1, 1],
    ['AGENTS.md', 2, null],
    ['AGENTS.md', 3, null],
  ])
  const silent = await scan({ root, findViolations: () => Promise.resolve({ found, ran: [] }) })
  expect(silent.mechanisable.map((one) => one.violations)).toEqual([null, null, null, null, null])
})

test('what a list under "Do not" names is forbidden, and what a linter forbids by name is enforced', async () => {
  const root = await makeRepository({
    'AGENTS.md': '## Do not\n\n- Use `require()` for imports\n\n## Style\n\n- Use the `node:` prefix for built-ins.\n',
    'web/AGENTS.md': '- No global `fetch` here: use `request`.\n',
    'app/AGENTS.md': '- No global `fetch` here: use `request`.\n',
    '.oxlintrc.json': JSON.stringify({
      rules: { 'unicorn/prefer-node-protocol': 'error' },
      overrides: [
        { files: ['web/**'], rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Use request.' }] } },
      ],
    }),
  })
  const { mechanisable } = await scan({ root })
  expect(mechanisable.map((one) => [one.file, one.line, cheaperText(one.enforcement)])).toEqual([
    ['web/AGENTS.md', 1, 'already enforced by oxlint no-restricted-globals: delete that part'],
    ['AGENTS.md', 7, 'already enforced by oxlint unicorn/prefer-node-protocol: delete that part'],
    ['AGENTS.md', 3, 'a linter could enforce it: no-require-imports'],
  ])
})

test('a linter forbids what an import would bring, and by the words of its rule', async () => {
  const imports = { paths: [{ name: 'vitest', importNames: ['expect'], message: 'Take it from the test.' }] }
  const root = await makeRepository({
    'AGENTS.md': `- Never import \`expect\` from vitest.
- Take \`expect\` from the test, never \`import { expect } from "vitest"\`.
- Never import \`vitest\` twice.
- No named imports from "wrangler".
- Prefer named imports from wrangler.
`,
    '.oxlintrc.json': JSON.stringify({
      rules: { 'no-restricted-imports': ['error', imports], 'own/no-wrangler-named-imports': 'error' },
    }),
  })
  const { mechanisable } = await scan({ root })
  expect(mechanisable.map((one) => `${one.line} ${cheaperText(one.enforcement)}`).toSorted()).toEqual([
    '1 already enforced by oxlint no-restricted-imports: delete that part',
    '2 already enforced by oxlint no-restricted-imports: delete that part',
    '4 already enforced by oxlint own/no-wrangler-named-imports: delete that part',
  ])
})

test('links and copies beside the original count once, the same words in two packages twice', async () => {
  const words = '- Always ask before you delete data.\n'
  const root = await makeRepository({
    'AGENTS.md': `${words}\n`,
    'a/AGENTS.md': words,
    'a/CLAUDE.md': words,
    'b/AGENTS.md': words,
  })
  await symlink('../AGENTS.md', join(root, 'b/CLAUDE.md'))
  await symlink('.', join(root, 'CLAUDE.md'))
  const found = await scan({ root })
  expect(found.instructionFiles.map((file) => file.path)).toEqual(['AGENTS.md', 'a/AGENTS.md', 'b/AGENTS.md'])
  expect(found.repeated.map((one) => one.places.map((place) => place.file))).toEqual([
    ['AGENTS.md', 'a/AGENTS.md', 'b/AGENTS.md'],
  ])
})

test('what stands as an example is not missed', async () => {
  const text =
    'For example, if the file is `src/one.ts`, its test is `src/one.test.ts`.\n\n- See `src/x.ts`.\n- See `src/gone.ts`.\n'
  const found = await scan({ root: await makeRepository({ 'AGENTS.md': text, 'src/here.ts': '' }) })
  expect(found.stale.map((one) => one.message)).toEqual(['names src/gone.ts, which does not exist'])
})

test('a repository without instructions has an honest page', async () => {
  expect(renderScan(await scan({ root: await makeRepository({ 'a.ts': '' }) }))).toBe(
    'No instruction files: agents receive nothing from this repository.\n',
  )
})

test('hostile Markdown and JavaScript are read, never run, and never stop a scan', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(readInstructions({ file: 'a.md', text, firstLine: 1 }).statements.every((statement) => statement.line >= 1)).toBe(
        true,
      )
      expect(Array.isArray(staticObjects('a.js', text))).toBe(true)
    }),
    { numRuns: 300 },
  )
  expect(
    staticObjects(
      'a.js',
      "globalThis.ran = 1; export default { a: [1, `b`, { c: null }], d: f(), ...e, ['g']: 1, __proto__: { x: 1 } }",
    ),
  ).toContainEqual({ a: [1, 'b', { c: null }] })
  expect('ran' in globalThis).toBe(false)
})

test('init proposes constraints and shorter instructions, and writes nothing', async () => {
  const root = await makeRepository(sampleRepository)
  const plan = await planInit(root)
  expect(renderInit(plan)).toMatchInlineSnapshot(`
    "AGENTS.md:10 "Never call \`fetch\` without a timeout."
      → harness/constraints/never-call-fetch-without-timeout.md
    AGENTS.md:7 "Never use \`any\` in types."
      → deleted: already enforced by eslint @typescript-eslint/no-explicit-any
    AGENTS.md:9 "Use 2 spaces for indentation."
      → deleted: already enforced by the formatter of .prettierrc
    packages/shop/AGENTS.md:4 "Use tabs for indentation."
      → deleted: already enforced by the formatter of .prettierrc
    proposes 1 constraint; the instructions it touches shrink from 121 to 88 tokens at every start
    "
  `)
  expect(plan.tokensAfter).toBeLessThan(plan.tokensBefore)
  const fresh = plan.files.filter((file) => file.before === null)
  const { problems } = await loadConstraints(
    await makeRepository(Object.fromEntries(fresh.map((file) => [file.path, file.after]))),
    [],
  )
  expect(renderProblems(problems)).toBe('')
  expect(await readdir(root)).not.toContain('harness')
})
