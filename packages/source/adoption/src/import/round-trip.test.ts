import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { globTest, listTree, readText, scopeTest } from '@coxswain/constraints'
import { compile, context, type AgentName, type Target } from '@coxswain/delivery'
import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories } from '../sample-repository.ts'
import { importConstraints } from './import-constraints.ts'

afterEach(removeRepositories)

const sources: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'docs/guide.md': 'x',
  'packages/a/package.json': '{}',
  'packages/a/src/x.ts': '',
  'packages/a/src/x.test.ts': '',
  'packages/a/src/deep/view.tsx': '',
  'packages/b/src/y.ts': '',
  'packages/b/main.mjs': '',
  'scripts/run.mjs': '',
}
const sourceFiles = Object.keys(sources)

// Each matches something: a glob without a file says nothing that could be compared.
const glob = fc.constantFrom(
  '**/*.ts',
  '**/*.{ts,tsx}',
  'packages/**/*.{ts,mjs}',
  'packages/{a,b}/src/**',
  'packages/a/**',
  'packages/a/src/*.ts',
  'packages/*/src/**/*.{test.ts,tsx}',
  'scripts/*',
  'docs/**/*.md',
  '{docs,scripts}/**',
  'packages/b/main.mjs',
  'packages/[ab]/src/*',
)
const globs = fc.uniqueArray(glob, { minLength: 1, maxLength: 2 })
const verbs = fc.constantFrom('Never use', 'Always write', 'Avoid')

interface Rule {
  readonly id: string
  readonly text: string
  /** Null: for everybody. */
  readonly scope: readonly string[] | null
  readonly except: readonly string[]
}

const rules: fc.Arbitrary<Rule[]> = fc
  .array(fc.tuple(verbs, fc.option(globs), fc.option(glob, { freq: 4 })), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts.map(([verb, scope, except], at) => ({
      id: `rule-${at}`,
      text: `${verb} MARK${at} words`,
      scope,
      except: scope === null || except === null ? [] : [except],
    })),
  )

function constraintFile({ id, text, scope, except }: Rule): string {
  const rung = scope === null ? 'root' : 'path'
  const lines = [
    `id: ${id}`,
    'class: test',
    'severity: advice',
    `scope: ${JSON.stringify(scope ?? ['**'])}`,
    ...(except.length === 0 ? [] : [`except: ${JSON.stringify(except)}`]),
    `rungs: [{ ${rung}: ${JSON.stringify(text)} }]`,
    'owner: team',
  ]
  return `---\n${lines.join('\n')}\n---\n\n# The title\n\n## Why\n\nIt broke.\n\n## Fix\n\nDo it.\n`
}

const formats: readonly Target[] = ['agents', 'claude', 'cursor', 'copilot', 'gemini']

test.for(formats)(
  'CON-66 what a compile writes for %s, imported elsewhere, holds where it held',
  { timeout: 120_000 },
  async (target, { expect: see }) => {
    await fc.assert(
      fc.asyncProperty(rules, async (all) => {
        const harness = Object.fromEntries(all.map((rule) => [`harness/constraints/${rule.id}.md`, constraintFile(rule)]))
        const root = await makeRepository({ ...sources, ...harness, 'harness/compile.yaml': `targets: [${target}]\n` })
        see((await compile({ root })).problems.filter(({ severity }) => severity === 'error')).toEqual([])
        const written = (await listTree(root)).filter((file) => !file.startsWith('harness/') && !(file in sources))
        const elsewhere = await makeRepository({ ...sources, ...(await textsOf(root, written)) })
        const { drafts, left } = await importConstraints(elsewhere)
        const held = all.map(({ id, text }) => {
          const own = drafts.filter(({ provenance }) => provenance.quote.startsWith(text) && provenance.quote.endsWith(`[${id}]`))
          return { id, files: sourceFiles.filter((file) => own.some((draft) => scopeTest(draft)(file))) }
        })
        see({ all, held, left }).toEqual({ all, held: all.map(({ id, scope }) => ({ id, files: matching(scope) })), left: [] })
        // What no form of theirs says is said in words.
        for (const { text, except } of all)
          for (const one of except) see(drafts.some(({ text: draft }) => draft.includes(text) && draft.includes(one))).toBe(true)
      }),
      { numRuns: 25 },
    )
  },
)

function matching(scope: readonly string[] | null): string[] {
  return scope === null ? [...sourceFiles] : sourceFiles.filter(globTest(scope))
}

async function textsOf(root: string, files: readonly string[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const file of files) {
    const read = await readText(join(root, file))
    // Without the marks that say that a compile wrote it.
    if (read?.kind === 'text') texts[file] = read.text.replaceAll(/^<!-- cox:.*\n/gm, '')
  }
  return texts
}

interface RuleFile {
  readonly folder: '' | 'packages/a'
  readonly scope: readonly string[] | null
  readonly text: string
}

const near = fc.constantFrom('src/**', '**/*.{ts,tsx}', '**/*.ts', 'src/deep/*')
const ruleFiles: fc.Arbitrary<RuleFile[]> = fc
  .array(
    fc.tuple(
      verbs,
      fc.oneof(
        fc.record({ folder: fc.constant('' as const), scope: fc.option(globs) }),
        fc.record({ folder: fc.constant('packages/a' as const), scope: fc.uniqueArray(near, { minLength: 1, maxLength: 2 }) }),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.map(([verb, place], at) => ({ ...place, text: `${verb} MARK${at} words` })))

const forms: Readonly<Record<'claude' | 'cursor' | 'copilot', (rule: RuleFile, at: number) => readonly [string, string]>> = {
  claude: ({ folder, scope, text }, at) => [
    join(folder, `.claude/rules/r${at}.md`),
    `${scope === null ? '' : `---\npaths:\n${scope.map((one) => `  - "${one}"\n`).join('')}---\n`}- ${text}\n`,
  ],
  cursor: ({ folder, scope, text }, at) => [
    join(folder, `.cursor/rules/r${at}.mdc`),
    `---\ndescription:\nglobs: ${scope?.join(', ') ?? ''}\nalwaysApply: ${String(scope === null)}\n---\n- ${text}\n`,
  ],
  copilot: ({ scope, text }, at) => [
    `.github/instructions/r${at}.instructions.md`,
    `---\napplyTo: "${scope?.join(',') ?? '**'}"\n---\n- ${text}\n`,
  ],
}

test.for(['claude', 'cursor', 'copilot'] as const)(
  'CON-66 rule files of %s, imported and compiled, reach the files that they reached',
  { timeout: 120_000 },
  async (agent, { expect: see }) => {
    await fc.assert(
      fc.asyncProperty(ruleFiles, async (all) => {
        // Copilot has no rule files of a folder.
        const own = agent === 'copilot' ? all.filter(({ folder }) => folder === '') : all
        fc.pre(own.length > 0)
        const files = Object.fromEntries(own.map((rule, at) => forms[agent](rule, at)))
        const root = await makeRepository({ ...sources, ...files })
        const before = await reached(root, agent, own)
        const { drafts } = await importConstraints(root)
        for (const file of Object.keys(files)) await rm(join(root, file))
        await write(root, Object.fromEntries(drafts.map(({ id, text }) => [`harness/constraints/${id}.md`, text])))
        await write(root, { 'harness/compile.yaml': `targets: [${agent}]\n` })
        see((await compile({ root })).problems.filter(({ severity }) => severity === 'error')).toEqual([])
        see({ files, reached: await reached(root, agent, own) }).toEqual({ files, reached: before })
      }),
      { numRuns: 25 },
    )
  },
)

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

/** For each file the marks of the rules that an agent in the root has read once it touched it. */
async function reached(root: string, agent: AgentName, all: readonly RuleFile[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const file of sourceFiles) {
    const { start, later } = await context({ root, agent, file })
    const text = [...start, ...later].map((piece) => piece.text).join('\n')
    found[file] = all.map((rule) => rule.text).filter((words) => text.includes(words))
  }
  return found
}

test('what the settings of opencode and Gemini CLI name is imported, too, and what they name in vain is told', async () => {
  const root = await makeRepository({
    ...sources,
    'opencode.jsonc': '{\n  // more\n  "instructions": ["./team/*.md", "missing/*.md", "https://example.test/x.md",],\n}\n',
    'team/one.md': '- Never use ONEMARK.\n',
    '.gemini/settings.json': '{ "context": { "fileName": ["RULES.md", "GEMINI.md"] } }',
    'packages/a/RULES.md': '- Never use NEARMARK.\n',
  })
  const { drafts, left } = await importConstraints(root)
  expect(drafts.map(({ provenance, scope }) => [provenance.file, scope])).toEqual([
    ['packages/a/RULES.md', ['packages/a/**']],
    ['team/one.md', ['**']],
  ])
  expect(left.map(({ why }) => why)).toEqual([
    '`missing/*.md` in its `instructions` is no file of this tree',
    '`https://example.test/x.md` in its `instructions` is no file of this tree',
  ])
  await writeFile(join(root, '.gemini/settings.json'), '{ "contextFileName": "RULES.md" }')
  expect((await importConstraints(root)).drafts.length).toBe(2)
})
