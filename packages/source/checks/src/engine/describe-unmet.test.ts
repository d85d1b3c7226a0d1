import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exitCodeOf } from '../check-report.ts'
import { runCheck } from '../run-check.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-unmet-'))
  write('package.json', '{ "name": "root", "workspaces": ["packages/*"] }')
  write('packages/dates-types/package.json', '{ "name": "@shop/dates", "dependencies": { "luxon": "1" } }')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('says what an architecture names and nobody has', async () => {
  write(
    'harness/architecture.yaml',
    [
      "packages: 'packages/{feature}-{layer}'",
      'layers: [types, repo]',
      'capabilities:',
      "  - { name: dates, use: '@shop/date', instead-of: [dayjs] }",
      '  - { name: zones, use: luxon, instead-of: [moment] }',
      "  - { name: days, use: '@shop/dates', instead-of: [date-fns] }",
    ].join('\n'),
  )
  expect((await runCheck({ cwd: root, cache: false })).notes).toEqual([
    'harness/architecture.yaml: dates is @shop/date, which no package is or depends on. Did you mean "@shop/dates"?',
    'harness/architecture.yaml: no package is in layer repo',
    'nothing here is TypeScript or JavaScript: only documents, manifests and secrets are looked at, and no code of other languages',
  ])
})

it('makes errors of what only warns by itself where a house says so, and leaves what it names', async () => {
  write('src/a.ts', 'export const read = (text: string) => {\n  try {\n    return text\n  } catch {}\n}\n')
  const severities = async (text: string): Promise<readonly [number, readonly string[]]> => {
    write('harness/checks.yaml', text)
    const report = await runCheck({ cwd: root, cache: false })
    return [exitCodeOf(report), report.findings.map(({ severity }) => severity)]
  }
  expect(await severities('')).toEqual([0, ['warning']])
  expect(await severities('defaults: error\n')).toEqual([1, ['error']])
  expect(await severities('defaults: error\nrules: { no-swallowed-error: warning }\n')).toEqual([0, ['warning']])
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
