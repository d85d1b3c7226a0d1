import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exitCodeOf } from '../check-report.ts'
import { runCheck } from '../run-check.ts'

const oxlint = join(import.meta.dirname, '../../../../..', 'node_modules/.bin/oxlint')
const tsgolint = join(import.meta.dirname, '../../../../..', 'node_modules/.bin/tsgolint')
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-oxlint-'))
  write('harness/checks.yaml', 'rules: { no-swallowed-error: error }\n')
  write(
    '.oxlintrc.json',
    JSON.stringify({ categories: { correctness: 'off' }, rules: { 'no-debugger': 'error', eqeqeq: 'warn' } }),
  )
  write('src/a.ts', 'debugger\nexport const a = (b: unknown) => b == 1\n')
  write('src/b.ts', 'try {\n  debugger\n} catch {}\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('puts what the repository’s own oxlint finds into the one report', async () => {
  install(`exec "${oxlint}" "$@"`)
  const report = await check()
  expect(report.findings.map(({ rule, severity, file, line }) => `${file}:${line} ${rule} ${severity}`).toSorted()).toEqual([
    'src/a.ts:1 oxlint/eslint(no-debugger) error',
    'src/a.ts:2 oxlint/eslint(eqeqeq) warning',
    'src/b.ts:2 oxlint/eslint(no-debugger) error',
    'src/b.ts:3 no-swallowed-error error',
  ])
  expect(exitCodeOf(report)).toBe(1)
  const [finding] = report.findings.filter(({ rule }) => rule === 'oxlint/eslint(no-debugger)')
  expect([finding?.what, finding?.fix.length, finding?.see]).toEqual([expect.stringContaining('debugger'), 1, '.oxlintrc.json'])
})

it('lints the paths that were asked for alone, and nothing when a rule of ours was asked for', async () => {
  install(`exec "${oxlint}" "$@"`)
  const files = (await check({ paths: ['src/b.ts'] })).findings.map(({ file }) => file)
  expect([...new Set(files)]).toEqual(['src/b.ts'])
  expect((await check({ rules: ['no-swallowed-error'] })).findings.map(({ rule }) => rule)).toEqual(['no-swallowed-error'])
})

it.each([
  ['prints no JSON', 'echo "{ broken"; exit 1', 'oxlint gave no report ({ broken): its rules were not checked'],
  ['prints other JSON', 'echo "{}"; exit 1', 'oxlint gave no report ({}): its rules were not checked'],
  ['dies', 'kill -9 $$', expect.stringContaining('oxlint gave no report (')],
])('goes on without it when it %s, and says so', async (_, script, note) => {
  install(script)
  const report = await check()
  expect([report.findings.map(({ rule }) => rule), report.notes]).toEqual([['no-swallowed-error'], [note]])
})

it('goes on without it when it is not installed, and says nothing when it is switched off', async () => {
  expect((await check()).notes).toEqual(['oxlint is configured but not installed: its rules were not checked'])
  write('harness/checks.yaml', 'rules: { no-swallowed-error: error }\noxlint: off\n')
  install(`exec "${oxlint}" "$@"`)
  const report = await check()
  expect([report.findings.map(({ rule }) => rule), report.notes]).toEqual([['no-swallowed-error'], []])
})

it('follows types across files where a house asks for it', async () => {
  install(`OXLINT_TSGOLINT_PATH="${tsgolint}" exec "${oxlint}" "$@"`)
  write('harness/checks.yaml', 'rules: { no-swallowed-error: error }\noxlint: typed\n')
  write('tsconfig.json', '{ "compilerOptions": { "strict": true, "noEmit": true }, "include": ["src"] }')
  write(
    '.oxlintrc.json',
    JSON.stringify({
      plugins: ['typescript'],
      categories: { correctness: 'off' },
      rules: { 'typescript/no-unsafe-member-access': 'error' },
    }),
  )
  write('src/read.ts', 'export const read = (text: string) => JSON.parse(text)\n')
  write('src/a.ts', "import { read } from './read'\nexport const id = (text: string) => read(text).id\n")
  write('src/b.ts', 'export const b = 1\n')
  const told = async () => (await check()).findings.map(({ rule, file }) => `${file} ${rule}`)
  expect(await told()).toEqual(['src/a.ts oxlint/typescript(no-unsafe-member-access)'])
  write('harness/checks.yaml', 'rules: { no-swallowed-error: error }\n')
  expect(await told()).toEqual([])
})

it('matches its findings with the baseline as any other', async () => {
  install(`exec "${oxlint}" "$@"`)
  await check({ updateBaseline: true, accept: 'before the harness' })
  expect((await check()).baseline).toEqual({ known: 4, new: 0, fixed: 0 })
  write('src/a.ts', 'export const a = (b: unknown) => b == 1\n')
  expect((await check()).baseline).toEqual({ known: 3, new: 0, fixed: 1 })
})

const check = (options: Partial<Parameters<typeof runCheck>[0]> = {}) => runCheck({ cwd: root, cache: false, ...options })

function install(script: string): void {
  write('node_modules/.bin/oxlint', `#!/bin/sh\n${script}\n`, 0o755)
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode })
}
