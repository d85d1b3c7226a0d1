import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bill, renderBill } from './bill.ts'
import { context, parseAgentName } from './context.ts'
import { loadingRules } from './loading-rules.ts'
import { renderContext } from './render-context.ts'
import { ruleFiles } from './rule-files.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-context-'))
  await mkdir(join(root, '.git'))
  await mkdir(join(root, 'a'))
  await writeFile(join(root, 'AGENTS.md'), `- First [kept]\n${'filler\n'.repeat(7_200)}- Last [cut]\n`)
  await writeFile(join(root, 'a/AGENTS.md'), '- Deep [deep]\n')
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('a 50 KB root is cut for Codex, and the page names what is lost', async () => {
  const page = renderContext(await context({ root, folder: 'a', agent: 'codex' }))
  expect(page.split('\n').slice(1, -3)).toEqual([
    '  AGENTS.md (chain): 32768 bytes, 14043 tokens, CUT after 32768 of 50428 bytes, constraints: kept',
    'lost:',
    '  AGENTS.md: 17660 bytes, beyond the cap, constraints: cut',
    '  a/AGENTS.md: 14 bytes, beyond the cap, constraints: deep',
  ])
})

test('the bill says what each constraint costs, and no daily figure without a recorded rate', async () => {
  const paid = await bill({ root, agents: ['opencode'], runsPerDay: null })
  expect(paid.rows.map((row) => [row.folder, row.constraints.map((one) => one.id)])).toEqual([
    ['', ['kept', 'cut']],
    ['a', ['kept', 'cut', 'deep']],
  ])
  expect(paid.days).toBeNull()
  expect(renderBill(paid).trimEnd().split('\n').at(-1)).toBe('no recorded runs: no figure per day')
})

test('at a recorded rate the bill says what a day costs, for the agents that ran', async () => {
  const paid = await bill({ root, agents: ['codex', 'opencode'], runsPerDay: { opencode: 2.5 } })
  const [shallow = 0, deep = 0] = paid.rows.filter((row) => row.agent === 'opencode').map((row) => row.tokens)
  expect(paid.days?.map(({ agent, runs, tokens }) => [agent, runs, tokens])).toEqual([
    ['opencode', 2.5, [Math.round(2.5 * shallow), Math.round(2.5 * deep)]],
  ])
  expect(renderBill(paid).trimEnd().split('\n').at(-1)).toBe(
    `opencode  2.5 runs a day: ${Math.round(2.5 * shallow)} to ${Math.round(2.5 * deep)} tokens a day, by folder; at most kept 15, cut 13, deep 13`,
  )
})

test('the page names the skills that the agent is told of', async () => {
  const home = join(root, 'a/.agents/skills/testing')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'SKILL.md'), '---\nname: testing\ndescription: Use when <tests> change.\n---\n\n# Testing\n')
  const page = renderContext(await context({ root, folder: 'a', agent: 'codex' }))
  expect(page).toContain('told of 1 skill, 10 tokens: testing\n')
  expect((await context({ root, folder: 'a', agent: 'opencode' })).skills.map((skill) => [skill.path, skill.text])).toEqual([
    ['a/.agents/skills/testing/SKILL.md', '<name>testing</name>\n    <description>Use when <tests> change.</description>'],
  ])
  expect((await context({ root, agent: 'codex' })).skills).toEqual([])
  const { rows } = await bill({ root, agents: ['codex'], runsPerDay: null })
  expect(rows.map((row) => [row.folder, row.skills])).toEqual([
    ['', 0],
    ['a', 10],
  ])
})

test('a file that is touched may not be there yet, which is said; a folder is none', async () => {
  const touch = async (file: string): Promise<string> => renderContext(await context({ root, agent: 'opencode', file }))
  expect(await touch('a/AGENTS.md')).toContain('\nlater, on touching a/AGENTS.md:\n  a/AGENTS.md (nested)')
  expect(await touch('a/new.ts')).toContain(
    '\nlater, on touching a/new.ts, which does not exist yet and is scoped by its path:\n  a/AGENTS.md (nested)',
  )
  expect(await touch('new.ts')).toContain(
    '\nnothing more arrives on touching new.ts, which does not exist yet and is scoped by its path\n',
  )
  await expect(touch('a')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})

test('folders outside and unknown agents are refused with a next step', async () => {
  await expect(context({ root, folder: '../..' })).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
  await expect(context({ root, folder: 'nope' })).rejects.toMatchObject({ code: 'FOLDER_MISSING' })
  await expect(context({ root, folder: 'AGENTS.md' })).rejects.toMatchObject({ code: 'FOLDER_MISSING' })
  expect(() => parseAgentName('copilots')).toThrow('No loading rules for "copilots"')
})

test('CON-66 a comma within braces belongs to its glob', () => {
  const text = '---\npaths: "src/**/*.{ts,tsx}, docs/**"\n---\n- Words.\n'
  const tree = { read: () => text, list: () => ['.claude/rules/a.md'] }
  const [found] = ruleFiles(tree, '', loadingRules.claude)
  expect(found?.globs).toEqual(['src/**/*.{ts,tsx}', 'docs/**'])
})
