import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compile } from '../compile/compile.ts'
import { constraintText, makeTree, removeTrees } from '../compile/sample-tree.ts'
import { context, type Context } from './context.ts'
import type { AgentName } from './loading-rules.ts'
import { renderContext } from './render-context.ts'

let root = ''
beforeEach(async () => {
  root = await makeTree({
    'harness/compile.yaml': 'targets: [agents, claude, gemini, hooks]\n',
    'harness/constraints/lint.md': constraintText('lint', {
      scope: 'src/**/*.ts',
      rungs: "  - hook: { on: after-edit, command: [npx, lint, '{file}'] }\n  - hook: { on: before-stop, command: [npm, test] }",
    }),
    'harness/constraints/look.md': constraintText('look', {
      rungs: '  - hook: { on: before-commit, command: [npm, run, look] }',
    }),
    'src/a.ts': '',
    '.claude/settings.json': JSON.stringify({
      hooks: {
        Stop: [
          {
            hooks: [
              { type: 'command', command: 'say done' },
              { type: 'prompt', prompt: 'Is it done?' },
            ],
          },
        ],
      },
    }),
  })
  await compile({ root })
})
afterEach(removeTrees)

const told = async (agent: AgentName, where: { folder?: string; file?: string } = {}): Promise<string[]> => {
  const page = renderContext(await context({ root, agent, ...where })).split('\n')
  const first = page.findIndex((line) => /^\d+ hooks?:$|^ {2}note: /.test(line))
  return first === -1 ? [] : page.slice(first, page.findLastIndex((line) => line.startsWith('  note: ')) + 1)
}

test('CON-47 the hooks of an agent, with where they come from, when they run and where; those of people too', async () => {
  expect(await told('claude')).toEqual([
    '4 hooks:',
    '  lint: after-edit (PostToolUse), in src/**/*.ts: npx lint {file}',
    '  look: before-commit (PreToolUse): npm run look',
    '  lint: before-stop (Stop): npm test',
    '  Stop, of no constraint: say done',
    '  note: Claude Code runs its hooks only when it is started in the root',
  ])
})

test('CON-47 a file that is touched sets off those in whose scope it is', async () => {
  const edits = async (file: string): Promise<Context['hooks'][number]['on'][]> =>
    (await context({ root, agent: 'codex', file })).hooks.map(({ on }) => on)
  expect(await edits('src/a.ts')).toEqual(['after-edit', 'before-stop', 'before-commit'])
  expect(await edits('docs/a.md')).toEqual(['before-stop', 'before-commit'])
})

test('CON-47 it is said where none of them runs, and in which runs', async () => {
  expect((await told('claude', { folder: 'src' })).slice(-2)).toEqual([
    '  note: Started in src, it runs none of its hooks',
    '  note: Claude Code runs its hooks only when it is started in the root',
  ])
  expect((await context({ root, agent: 'gemini' })).hookNotes).toEqual([
    'Gemini CLI runs its hooks only when it is started in the root and its user trusts the folder; --skip-trust is not enough',
    'Runs of Coxswain start Gemini CLI with --skip-trust: none of these hooks runs in them',
  ])
  expect((await context({ root, agent: 'codex', folder: 'src' })).hookNotes).toEqual([
    'Codex runs its hooks once its user trusts the project and has reviewed them, and until then says nothing',
  ])
  expect(await told('opencode')).toEqual(['  note: No hooks are compiled for opencode: those of lint, look do not reach it'])
})

test('CON-47 a repository without hooks says nothing of them, and settings of any form are read', async () => {
  await compile({ root, mode: 'remove' })
  expect([await told('codex'), await told('opencode')]).toEqual([[], []])
  for (const text of ['', '[]', '{"hooks":[]}', '{"hooks":{"Stop":{}}}', '{"hooks":{"Stop":[1,{"hooks":2}]}}', '{ // mine\n}']) {
    await mkdir(join(root, '.codex'), { recursive: true })
    await writeFile(join(root, '.codex/hooks.json'), text)
    expect((await context({ root, agent: 'codex' })).hooks).toEqual([])
  }
  expect(JSON.parse(await readFile(join(root, '.claude/settings.json'), 'utf8'))).toHaveProperty('hooks.Stop')
})
