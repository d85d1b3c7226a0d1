import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { cheaperText } from '../read/enforcement.ts'
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
    'AGENTS.md':
      '- Never use `console.log`.\n- Use kebab-case file names.\n- Never use `moment`.\n- Use PascalCase file names.\n',
    'packages/shop/AGENTS.md': '- Never use `console.log` here.\n- Never use `console.log`.\n',
    'packages/shop/.claude/rules/log.md': '- Do not call `console.log`.\n',
    'packages/shop/a.ts': "console.log('a')\n",
    'packages/other/b.ts': "console.log('b')\n",
  })
  const found = [{ rule: 'file-name', file: 'packages/shop/A.ts' }]
  const asked: string[][] = []
  const { mechanisable } = await scan({
    root,
    findViolations: ({ checks }) => {
      asked.push([...checks].toSorted())
      return Promise.resolve({ found, ran: checks.map((rule) => ({ rule, isByDefault: false })) })
    },
  })
  expect(asked).toEqual([['file-name']])
  expect(mechanisable.map((one) => [one.file, one.line, one.violations])).toEqual([
    ['AGENTS.md', 1, 2],
    ['AGENTS.md', 2, 1],
    ['packages/shop/.claude/rules/log.md', 1, 1],
    ['packages/shop/AGENTS.md', 2, 1],
    ['AGENTS.md', 3, 0],
  ])
  const silent = await scan({ root, findViolations: () => Promise.resolve({ found, ran: [] }) })
  expect(silent.mechanisable.find(({ line }) => line === 2)?.violations).toBe(1)
  expect(
    silent.mechanisable.find(({ enforcement }) => 'check' in enforcement && enforcement.check === 'file-name')?.violations,
  ).toBe(null)
})

test('what a list under "Do not" names is forbidden, and what a linter forbids by name is enforced', async () => {
  const imports = { paths: [{ name: 'vitest', importNames: ['expect'], message: 'Take it from the test.' }] }
  const root = await makeRepository({
    'AGENTS.md': `## Do not

- Use \`require()\` for imports

## Style

- Use the \`node:\` prefix for built-ins.
- Never import \`expect\` from vitest.
- Never import \`vitest\` twice.
- Prefer named imports from wrangler.
`,
    'web/AGENTS.md': '- No global `fetch` here.\n',
    'app/AGENTS.md': '- No global `fetch` here.\n',
    'web/a.ts': 'export {}\n',
    'app/a.ts': 'export {}\n',
    'package.json': '{"devDependencies":{"oxlint":"1"}}',
    '.oxlintrc.json': JSON.stringify({
      rules: { 'unicorn/prefer-node-protocol': 'error', 'no-restricted-imports': ['error', imports] },
      overrides: [
        { files: ['web/**'], rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Use request.' }] } },
      ],
    }),
  })
  const { mechanisable } = await scan({ root })
  expect(mechanisable.map((one) => [one.file, one.line, cheaperText(one.enforcement)])).toEqual([
    ['AGENTS.md', 7, 'already enforced by oxlint unicorn/prefer-node-protocol (.oxlintrc.json:1): it can go'],
    ['AGENTS.md', 8, 'already enforced by oxlint no-restricted-imports (.oxlintrc.json:1): it can go'],
    ['web/AGENTS.md', 1, 'already enforced by oxlint no-restricted-globals (.oxlintrc.json:1): it can go'],
    ['app/AGENTS.md', 1, 'a linter could enforce it: no-restricted-globals'],
    ['AGENTS.md', 3, 'a check can say it: `cox init --from-existing` tries it on examples'],
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

test('dots that stand for words of the reader name no script', async () => {
  const files = {
    'package.json': '{"scripts":{"test":"vitest"}}',
    'AGENTS.md': '- Narrow a run with `pnpm --filter web ...` where that is enough.\n- Always run `pnpm run tets` first.\n',
  }
  const { stale } = await scan({ root: await makeRepository(files) })
  expect(stale.map(({ message }) => message)).toEqual(['runs the script tets, which no package.json has; did it mean test?'])
})
