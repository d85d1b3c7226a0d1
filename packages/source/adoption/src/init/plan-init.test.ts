import { spawnSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { loadConstraints, renderProblems, testConstraints } from '@coxswain/constraints'
import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories, sampleRepository } from '../sample-repository.ts'
import { planInit } from './plan-init.ts'
import { renderInit } from './render-init.ts'

afterEach(removeRepositories)

const rules = '# Shop\n\n- Never use `any` in types.\n- Always ask before you delete data.\n'

test('CON-62 a file with several names is changed once, by its own', async () => {
  const root = await makeRepository({ 'CLAUDE.md': `${rules}\n${'## More\n\n- Words.\n\n'.repeat(30)}` })
  for (const name of ['.cursorrules', 'AGENTS.md', 'GEMINI.md']) await symlink('CLAUDE.md', join(root, name))
  const plan = await planInit(root)
  const changed = plan.files.filter(({ before }) => before !== null)
  expect(changed.map(({ path }) => path)).toEqual(['CLAUDE.md'])
  expect(changed[0]?.after).not.toContain('Never use `any`')
})

test('CON-62 what was proposed and written before is not proposed again, whatever it says by now', async () => {
  const root = await makeRepository({ 'AGENTS.md': rules })
  const { files } = await planInit(root)
  expect(files.map(({ path }) => path)).toEqual(['AGENTS.md', 'harness/constraints/never-use-any-types.md'])
  for (const { path, after } of files.filter(({ before }) => before === null)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), after)
  }
  spawnSync('git', ['-C', root, 'add', '--all'])
  expect((await planInit(root)).files).toEqual([])
})

test('CON-63 what was run for each sentence that leaves is shown, and nothing is written', async () => {
  const root = await makeRepository(sampleRepository)
  const plan = await planInit(root)
  expect(renderInit(plan)).toMatchInlineSnapshot(`
    "AGENTS.md:7 "Never use \`any\` in types."
      → replaced by harness/constraints/never-use-any-types.md: an ast-grep rule for ts
        ran on this, and fires:     export const first = (list: any) => list
        ran on this, and is silent: export const first = (list: unknown) => list
        nothing in the repository breaks it
    AGENTS.md:8 "Avoid default exports."
      → replaced by harness/constraints/avoid-default-exports.md: an ast-grep rule for ts and js
        ran on this, and fires:     export default function area(side) { ⏎ return side * side ⏎ }
        ran on this, and is silent: export function area(side) { ⏎ return side * side ⏎ }
        1 place in the repository breaks it, the first at eslint.config.js:2: it warns until severity is set to error
    .cursor/rules/ui.mdc:5 kept: no check is known to say all of it
    AGENTS.md:9,11,12 kept: no check is known to say all of it
    AGENTS.md:10 kept: no check of ours says all of it
    packages/shop/AGENTS.md:3,4 kept: no check is known to say all of it
    proposes 2 constraints; the instructions it touches shrink from 103 to 89 tokens at every start
    "
  `)
  expect(plan.tokensAfter).toBeLessThan(plan.tokensBefore)
  const fresh = plan.files.filter((file) => file.before === null)
  const { constraints, problems } = await loadConstraints(
    await makeRepository(Object.fromEntries(fresh.map((file) => [file.path, file.after]))),
    [],
  )
  expect(renderProblems(problems)).toBe('')
  expect((await testConstraints(constraints)).map(({ verdict }) => verdict)).toEqual(['passed', 'passed', 'passed'])
  expect(await readdir(root)).not.toContain('harness')
})

const tree = { 'src/a.ts': '', 'src/deep/b.ts': '', 'lib/a.ts': '', 'web/x/c.ts': '', 'web/src/d.ts': '' }

/** The scopes of what is proposed from one sentence; null where it stays prose. */
async function scopeFrom(sentence: string, file = 'AGENTS.md'): Promise<string | null> {
  const { files } = await planInit(await makeRepository({ ...tree, [file]: `# Rules\n\n- ${sentence}\n` }))
  const proposed = files.find(({ path }) => path.startsWith('harness/'))
  return proposed === undefined
    ? null
    : (/^scope:\n((?: .*\n)+)/m.exec(proposed.after)?.[1] ?? '').replaceAll(/\s+-\s|["\n]/g, ' ').trim()
}

test.for([
  ['Never use `console.log` in `src/**`; use the logger.', 'src/**'],
  ['Never use `console.log` in `src/`.', 'src/**'],
  ['Never use `console.log` in the `src` folder.', 'src/**'],
  ['Never use `console.log` under `src/`, `lib` and `web/*/*.ts`.', 'src/** lib/** web/*/*.ts'],
  ['In `lib/` and `src/deep`, never use `console.log`.', 'lib/** src/deep/**'],
  ['Never use `console.log` inside `src/a.ts`.', 'src/a.ts'],
  ['Never use `console.log`.', '**'],
  ['Never use `any` in types.', '**'],
  // What nobody can look up, what is not there, exceptions, and places of something else stay prose.
  ['Never use `console.log` in `gone/**`.', null],
  ['Never use `console.log` in `src/` and `gone/`.', null],
  ['Never use `console.log` in src.', null],
  ['Never use `console.log` in src/deep/ files.', null],
  ['Never use `console.log` in library code.', null],
  ['Never use `console.log` in tests.', null],
  ['Never use `console.log` outside `lib/`.', null],
  ['Never use `console.log` in `src/` except `src/deep/`.', null],
  ['Never use `console.log`; use the logger in `src/a.ts`.', null],
  ['`src/**`: never use `console.log`.', null],
] as const)('CON-62 a scope that a sentence states is never widened: %s', async ([sentence, scope], { expect }) => {
  expect(await scopeFrom(sentence)).toBe(scope)
})

test('CON-62 in a folder, a path is meant from there or from the root, and not from both', async () => {
  expect(await scopeFrom('Never use `console.log` in `x/`.', 'web/AGENTS.md')).toBe('web/x/**')
  expect(await scopeFrom('Never use `console.log` in `lib/`.', 'web/AGENTS.md')).toBe('lib/**')
  expect(await scopeFrom('Never use `console.log` in `src/`.', 'web/AGENTS.md')).toBe(null)
})

test('CON-62 without instructions there is nothing to begin with, and what was not read is named', async () => {
  const root = await makeRepository({ 'eslint.config.mjs': 'export default [...base]\n' })
  expect(renderInit(await planInit(root))).toMatchInlineSnapshot(`
    "partly read: eslint.config.mjs computes its rules, and nothing here runs it
    no AGENTS.md, CLAUDE.md or other instructions to begin with: \`cox constraint new <id>\` writes a first constraint
    "
  `)
})
