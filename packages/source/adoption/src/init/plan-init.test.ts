import { spawnSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { makeRepository, removeRepositories } from '../sample-repository.ts'
import { planInit, renderInit } from './plan-init.ts'

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

test('CON-62 what a sentence is good for is not what it asks', async () => {
  const root = await makeRepository({
    'AGENTS.md':
      '- Use `defineLazy()` to avoid circular dependencies.\n- To prevent unused exports, ask first.\n- Make sure to avoid circular dependencies.\n',
  })
  expect((await planInit(root)).moved.map(({ text }) => text)).toEqual(['Make sure to avoid circular dependencies.'])
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
