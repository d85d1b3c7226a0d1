import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderText } from '../report/render-text.ts'
import { runCheck } from '../run-check.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-check-constraints-'))
  write('harness/checks.yaml', 'rules: {}\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function writeConstraint(id: string, check: string, front = ''): void {
  write(
    `harness/constraints/${id}.md`,
    `---\nid: ${id}\nclass: time\nseverity: warning\nscope: ['src/**']\nrungs:\n  - check: ${check}\nowner: team\n${front}---\n\n# No ${id}\n\n## Why\n\nIt drifts\nin tests.\n\n## Fix\n\nTake the clock.\n`,
  )
}

const check = (options: Partial<Parameters<typeof runCheck>[0]> = {}) => runCheck({ cwd: root, cache: false, ...options })
const places = async (options: Parameters<typeof check>[0] = {}): Promise<string[]> =>
  (await check(options)).findings.map(({ rule, file, line, column }) => `${rule} ${file}:${line}:${column}`)

it('tells what a pattern of a constraint finds, as any other finding', async () => {
  writeConstraint('wall-clock', '{ language: ts, pattern: Date.now() }')
  write('src/a.ts', 'export const at = () => Date.now()\n')
  write('other/b.ts', 'export const at = () => Date.now()\n')
  expect(renderText(await check({ rules: ['wall-clock'] }))).toMatchInlineSnapshot(`
    "src/a.ts:1:25 wall-clock (warning)
      what: No wall-clock: \`Date.now()\`
      why: It drifts in tests.
      fix: Take the clock.
      see: harness/constraints/wall-clock.md
      again: cox check src/a.ts --rule wall-clock

    checked 2 files, 1 rule: 1 finding (0 errors, 1 warning)"
  `)
})

it('CHK-35 takes a comment and an entry of checks.yaml as an exemption from a constraint', async () => {
  writeConstraint('wall-clock', '{ language: ts, pattern: Date.now() }')
  const entry = '{ rule: wall-clock, files: [src/b.ts], owner: ana, reason: old, until: 2999-01-01 }'
  write('harness/checks.yaml', `rules: { exemption-form: { maxDays: 1000000 } }\nexemptions:\n  - ${entry}\n`)
  const now = 'export const at = () => Date.now()\n'
  write('src/a.ts', `${now}\n\n// cox-allow wall-clock owner=ana until=2999-01-01 reason=old\n${now}`)
  write('src/b.ts', now)
  write('src/c.ts', `// cox-allow wall-clocks owner=ana until=2999-01-01 reason=old\n${now}`)
  expect((await places()).toSorted()).toEqual([
    'exemption-form src/c.ts:1:1',
    'wall-clock src/a.ts:1:25',
    'wall-clock src/c.ts:2:25',
  ])
})

it('CHK-35 cannot be exempted from being read', async () => {
  writeConstraint(
    'broken',
    '{ command: [node] }',
    'onwer: ana # cox-allow constraint-file owner=ana until=2999-01-01 reason=old\n',
  )
  write('src/a.ts', 'export const a = 1\n')
  const finding = 'constraint-file harness/constraints/broken.md:9:1'
  expect(await places()).toContain(finding)
  expect(await places({ paths: ['src'] })).toEqual([finding])
  for (const rules of [['broken'], ['constraint-file']]) expect(await places({ rules })).toEqual([finding])
})

it('runs commands, and built-in rules with the constraint’s options', async () => {
  writeConstraint('no-todo', `{ command: [node, '{root}/find-todo.mjs', '{files}'] }`)
  write('find-todo.mjs', 'console.log(`${process.argv[2]}:3 TODO`)\nprocess.exitCode = 1\n')
  writeConstraint('short', '{ rule: max-lines, options: { max: 2 } }')
  write('src/a.ts', 'export const a = 1\n\n\nexport const b = 2\n')
  expect(await places({ rules: ['short'] })).toEqual(['short src/a.ts:3:1'])
  expect(await places({ rules: ['no-todo'] })).toEqual(['no-todo src/a.ts:3:1'])
})

it('takes known violations into the baseline and leaves them there', async () => {
  writeConstraint('wall-clock', '{ language: ts, pattern: Date.now() }')
  write('src/a.ts', 'export const at = () => Date.now()\n')
  await check({ updateBaseline: true, accept: 'known before' })
  expect((await check()).baseline).toEqual({ known: 1, new: 0, fixed: 0 })
  write('src/a.ts', 'export const at = () => [Date.now(), Date.now()]\n')
  expect((await check()).baseline).toEqual({ known: 1, new: 1, fixed: 0 })
})

it('a constraint that cannot be read or run is an error, never silence', async () => {
  writeConstraint('wall-clock', '{ language: ts, match: { kind: no_such_kind } }')
  write('harness/constraints/broken.md', '---\nid: broken\n')
  write('src/a.ts', 'export const at = () => Date.now()\n')
  const { findings } = await check()
  expect(findings.map(({ rule, severity, file }) => [rule, severity, file])).toEqual([
    ['constraint-file', 'error', 'harness/constraints/broken.md'],
    ['wall-clock', 'error', 'harness/constraints/wall-clock.md'],
  ])
})

it('asking for a constraint or rule that does not exist is an error', async () => {
  await expect(check({ rules: ['wall-clok'] })).rejects.toMatchObject({ code: 'RULE_UNKNOWN' })
})
