import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exitCodeOf } from '../check-report.ts'
import { runCheck } from '../run-check.ts'

const oxlint = join(import.meta.dirname, '../../../../..', 'node_modules/.bin/oxlint')
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
  ['is switched off', 'rules: { no-swallowed-error: error }\noxlint: off\n', `exec "${oxlint}" "$@"`],
  ['prints no JSON', 'rules: { no-swallowed-error: error }\n', 'echo "{ broken"; exit 1'],
  ['prints other JSON', 'rules: { no-swallowed-error: error }\n', 'echo "{}"; exit 1'],
  ['dies', 'rules: { no-swallowed-error: error }\n', 'kill -9 $$'],
])('goes on without it when it %s', async (_, config, script) => {
  write('harness/checks.yaml', config)
  install(script)
  expect((await check()).findings.map(({ rule }) => rule)).toEqual(['no-swallowed-error'])
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
