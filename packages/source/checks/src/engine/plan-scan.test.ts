import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCheck } from '../run-check.ts'
import { planScan } from './plan-scan.ts'
import { tellProgress } from './tell-progress.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-scan-'))
  write('package.json', '{ "name": "shop", "main": "src/index.ts" }')
  write('src/index.ts', 'export const a = 1\n')
  write('legacy/a.ts', `export const token = 'ghp_x7Rk2mQ9vT4bWc8LzJ5nHd3sYf6gAeUp1iOo'\n`)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const scanOf = (
  path: string,
  { rules = [] as string[], changed = null as ReadonlySet<string> | null, bytes = 10 } = {},
): string => planScan({ root, rules, changed }).scanOf?.(path, bytes) ?? 'full'

it('looks for credentials only where a rule asks for them', () => {
  expect([
    scanOf('a.ts'),
    scanOf('a.ts', { rules: ['max-lines'] }),
    scanOf('a.ts', { rules: ['max-lines', 'no-secrets'] }),
  ]).toEqual(['full', 'code', 'full'])
  const changed = new Set(['a.ts'])
  expect([scanOf('a.ts', { changed }), scanOf('b.ts', { changed })]).toEqual(['full', 'code'])
})

it('leaves out what is excluded before it is read, but for what it imports; a large file whole', () => {
  write('harness/checks.yaml', 'defaults: error\nexclude: [legacy/**]\n')
  expect([scanOf('a.ts'), scanOf('legacy/a.ts'), scanOf('legacy/a.ts', { bytes: 2_000_000 })]).toEqual(['full', 'code', 'none'])
})

it('says the same, whatever was kept of a look for fewer rules', async () => {
  const cache = join(root, '.cache-of-facts')
  const before = process.env['XDG_CACHE_HOME']
  process.env['XDG_CACHE_HOME'] = cache
  try {
    const secrets = async (rules?: string[]): Promise<string[]> =>
      (await runCheck({ cwd: root, ...(rules && { rules }) })).findings
        .filter(({ rule }) => rule === 'no-secrets')
        .map(({ file }) => file)
    write('harness/checks.yaml', 'defaults: error\nexclude: [legacy/**, .cache-of-facts/**]\n')
    expect([await secrets(['max-lines']), await secrets(), await secrets()]).toEqual([[], [], []])
    write('harness/checks.yaml', 'defaults: error\nexclude: [.cache-of-facts/**]\n')
    expect([await secrets(), await secrets(['max-lines']), await secrets()]).toEqual([['legacy/a.ts'], [], ['legacy/a.ts']])
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = before
  }
})

it('tells of a long look after two seconds, and then every ten', () => {
  const lines: string[] = []
  let now = 0
  const tell = tellProgress({
    clock: { now: () => now } as Parameters<typeof tellProgress>[0]['clock'],
    write: (line) => lines.push(line),
  })
  for (let read = 1; read <= 30; read++) {
    now += 700
    tell({ read, of: 30, path: 'src/a.ts' })
  }
  expect(lines).toEqual(['cox check: 3 of 30 files read, now at src/a.ts', 'cox check: 18 of 30 files read, now at src/a.ts'])
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
