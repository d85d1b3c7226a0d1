import { existsSync } from 'node:fs'
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createWorld, ended, until, type World } from './world.ts'

/* Capabilities: S1, S3, S6. `cox check` on repositories of every kind, interrupted, and with its service; no daemon, no store. */

interface Report {
  readonly findings: readonly { readonly rule: string; readonly severity: string; readonly file: string }[]
  readonly files: number
  readonly notes: readonly string[]
  readonly cache: { readonly service: boolean; readonly parsed: number }
}

const swallow = 'export function read(run: () => void) {\n  try {\n    run()\n  } catch {}\n}\n'
const source = (at: number): string =>
  `import { one } from './file-${(at * 7) % 400}.ts'\nexport const value${at} = one\n${swallow}`
const harness = { 'harness/checks.yaml': 'rules:\n  no-swallowed-error: error\n  no-cycles: error\n' }

/** Nothing but a repository: no configuration of ours, no agent. */
const plainWorld = (files: Readonly<Record<string, string>>): Promise<World> => createWorld({ config: null, files })

/** The package x of these worlds names none of its files. */
const noEntry =
  'not judged whether in use: what is in x, because no entry is known there: `main` or `exports` in package.json would name one'

test.concurrent('a repository without a harness is told of, never failed, and left as it was', async ({ expect }) => {
  await using world = await plainWorld({ 'src/a.ts': swallow, 'package.json': '{ "name": "x" }' })
  const report = await world.ask<Report>('check')
  expect([report.code, report.files, report.notes]).toEqual([0, 1, ['no harness/ here: default rules, warnings only', noEntry]])
  expect(report.findings.map(({ rule, severity }) => [rule, severity])).toEqual([['no-swallowed-error', 'warning']])
  expect([world.git('status', '--porcelain', '--ignored'), existsSync(world.stateDir)]).toEqual(['', false])
})

test.concurrent('a repository in other languages is clean', async ({ expect }) => {
  await using world = await plainWorld({
    'main.py': 'try:\n    pass\nexcept: pass\n',
    'lib.rs': 'fn main() {}\n',
    'web/App.vue': '<script>try { a() } catch {}</script>\n',
    'web/old.js': 'try { a() } catch {}\n',
    'web/old.jsx': 'export default () => <p />\n',
  })
  expect(await world.cox('check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/checked 0 files, \d+ rules: clean\n$/),
  })
})

test.concurrent('mts and cts count as source', async ({ expect }) => {
  await using world = await plainWorld({ 'a.mts': swallow, 'b.cts': swallow, 'c.tsx': swallow })
  expect((await world.ask<Report>('check')).findings.map(({ file }) => file)).toEqual(['a.mts', 'b.cts', 'c.tsx'])
})

test.concurrent('goes on past what is no text, too large, or no workspace', async ({ expect }) => {
  await using world = await plainWorld({
    ...harness,
    'src/a.ts': swallow,
    'package.json': '{ "name": "x", "workspaces": ["packages/*", "gone/*"] }',
    'packages/broken/package.json': '{ "name": ',
    'packages/b/package.json': '{ "name": "b" }',
  })
  await world.write('src/large.ts', 'x'.repeat(50 * 1024 * 1024))
  await world.write('src/control.ts', "export const end = '<|endoftext|>'\r\nexport const two = 2\r\n")
  await symlink('..', join(world.repo, 'src/loop'))
  await symlink('nowhere', join(world.repo, 'src/dangling.ts'))
  const report = await world.ask<Report>('check')
  expect([report.code, report.notes]).toEqual([1, ['package.json declares packages at gone/*, and there are none', noEntry]])
  expect(report.findings.map(({ rule, file }) => `${rule} ${file}`).toSorted()).toEqual([
    'no-swallowed-error src/a.ts',
    'readable-file packages/broken/package.json',
    'readable-file src/large.ts',
  ])
})

test.concurrent('needs neither git nor package.json, and leaves submodules to themselves', async ({ expect }) => {
  await using inner = await plainWorld({ 'inner.ts': swallow })
  await using world = await plainWorld({ ...harness, 'own.ts': swallow })
  world.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.repo, 'inner')
  const filesOf = async (): Promise<string[]> => (await world.ask<Report>('check')).findings.map(({ file }) => file)
  expect(await filesOf()).toEqual(['own.ts'])
  await rm(join(world.repo, '.git'), { recursive: true })
  expect(await filesOf()).toEqual(['inner/inner.ts', 'own.ts'])
})

test.concurrent('killed at any moment, it leaves a cache that tells the truth', async ({ expect }) => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`src/file-${at}.ts`, source(at)]))
  await using world = await plainWorld({ ...harness, ...files, 'src/one.ts': 'export const one = 1\n' })
  for (let attempt = 0; attempt < 8; attempt++) {
    const child = world.start('check')
    const end = ended(child) // it may be through before it is killed
    await sleep(120 + attempt * 60)
    child.kill('SIGKILL')
    await end
    await world.write(`src/file-${attempt * 3}.ts`, source(attempt + 1))
    const { cache: _, wallMs: _wall, ...cold } = await world.ask<Record<string, unknown>>('check', '--no-cache')
    const { cache, wallMs: _also, ...warm } = await world.ask<Record<string, unknown>>('check')
    expect(cache).toMatchObject({ service: false })
    expect(warm).toEqual(cold)
  }
})

test.concurrent.each([
  ['cut in half', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['no database at all', () => Buffer.from('something else\n'.repeat(500))],
  ['overwritten in the middle', (bytes: Buffer) => bytes.fill(0xff, 4_096, bytes.length - 4_096)],
  ['empty', () => Buffer.alloc(0)],
])('a cache that is %s costs time and nothing else, and is replaced', async (_, spoil) => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_unused, at) => [`src/file-${at}.ts`, source(at)]))
  await using world = await plainWorld({ ...harness, ...files })
  const { cache: _first, wallMs: _ms, ...before } = await world.ask<Record<string, unknown>>('check')
  const folder = join(world.root, 'home/.cache/coxswain/facts')
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.sqlite'))
  for (const tail of ['-wal', '-shm']) await rm(join(folder, name + tail), { force: true })
  await writeFile(join(folder, name), spoil(await readFile(join(folder, name))))
  for (let again = 0; again < 3; again++) {
    const { cache, wallMs: _also, ...after } = await world.ask<Record<string, unknown> & Report>('check')
    expect(after).toEqual(before)
    if (again === 2) expect(cache.parsed).toBe(0)
  }
})

test.concurrent.each([
  [['--json', '--sarif'], '--json and --sarif'],
  [['--changed', '--sarif', '--github'], '--sarif and --github'],
  [['--agent', '--json', '--sarif'], '--json and --sarif and --agent'],
])('a report has one form: %j is refused', async (flags, named) => {
  await using world = await plainWorld({ ...harness, 'src/a.ts': swallow })
  const { code, stdout, stderr } = await world.cox('check', ...flags)
  expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(`${named} do not go together`)])
})

test.concurrent('CHK-7 a word after --changed is a commit, or else a path', async ({ expect }) => {
  await using world = await plainWorld({ ...harness, 'src/a.ts': '', 'lib/b.ts': '' })
  world.git('branch', 'before')
  for (const path of ['src/a.ts', 'lib/b.ts']) await world.write(path, swallow)
  world.git('add', '--all')
  const files = async (...args: string[]): Promise<string[]> =>
    (await world.ask<Report>('check', ...args)).findings.map(({ file }) => file)
  expect(await files('--changed', 'src')).toEqual(['src/a.ts'])
  expect(await files('--changed')).toEqual(['lib/b.ts', 'src/a.ts'])
  world.commit('both')
  expect(await files('--changed', 'src')).toEqual([])
  expect(await files('--changed', 'before', 'src')).toEqual(['src/a.ts'])
  expect(await world.ask('check', '--changed', 'nowhere')).toMatchObject({ code: 2, error: { code: 'REF_UNKNOWN' } })
})

test.concurrent('interrupted, it ends at once and says so by its exit code', async ({ expect }) => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`src/file-${at}.ts`, source(at)]))
  await using world = await plainWorld({ ...harness, ...files })
  const child = world.start('check', '--watch')
  let said = ''
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()))
  await until(() => said.includes('watching'), 'the service is there')
  child.kill('SIGINT')
  expect((await ended(child)).code).toBe(0)
})

test.concurrent('files that vanish while it looks are no error', async ({ expect }) => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`src/file-${at}.ts`, source(at)]))
  await using world = await plainWorld({ ...harness, ...files })
  const child = world.start('check', '--json', '--no-cache')
  const call = ended(child)
  for (let at = 0; at < 400; at += 2) await rm(join(world.repo, `src/file-${at}.ts`))
  expect((await call).code).toBe(1)
  expect((await world.ask<Report>('check')).files).toBe(200)
})

test.concurrent('a running service answers the command, and when it is gone the command looks itself', async ({ expect }) => {
  await using world = await plainWorld({ ...harness, 'src/a.ts': swallow })
  const child = world.start('check', '--watch')
  let said = ''
  child.stderr?.on('data', (part: Buffer) => (said += part.toString()))
  await until(() => said.includes('watching'), 'the service is there')
  const { cache: first, ...answered } = await world.ask<Report & { wallMs: number }>('check', 'src')
  const { cache: second, ...looked } = await world.ask<Report & { wallMs: number }>('check', 'src', '--no-cache')
  expect([first.service, second.service]).toEqual([true, false])
  expect({ ...answered, wallMs: 0 }).toEqual({ ...looked, wallMs: 0 })
  await world.write('src/a.ts', 'export const a = 1\n')
  expect(await world.cox('check')).toMatchObject({ code: 0, stdout: expect.stringMatching(/clean\n$/) })
  await world.write('harness/checks.yaml', 'rules: { no-cycle: error }\n')
  expect(await world.ask('check')).toMatchObject({ code: 2, error: { code: 'RULE_UNKNOWN' } })
  child.kill('SIGTERM')
  await ended(child)
  await world.write('harness/checks.yaml', 'rules: { no-cycles: error }\n')
  expect((await world.ask<Report>('check')).cache.service).toBe(false)
})

test.concurrent('CHK-25 `-C` before the command goes there first, as git does: with the short way to an answer, several, and one that is not there', async ({
  expect,
}) => {
  await using world = await createWorld({ config: null, files: { 'a/b/bad.ts': 'try {\n  read()\n} catch {}\n' } })
  const here = await world.cox('check', '-C', 'a/b')
  expect(await world.cox('-C', 'a/b', 'check')).toEqual(here)
  expect(await world.cox('-C', 'a', '--directory=b', 'check', 'bad.ts')).toMatchObject({
    stdout: expect.stringContaining('bad.ts'),
  })
  expect((await world.cox('-C', 'a', 'help', 'status')).stdout).toContain('cox status')
  expect(await world.cox('-C', 'gone', 'check')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('USAGE: There is no folder "gone"'),
  })
  expect(await world.ask('-C', 'gone', 'check')).toMatchObject({ code: 2, error: { code: 'USAGE' } })
  expect(await world.cox('-C')).toMatchObject({ code: 2, stderr: expect.stringContaining('USAGE: `-C` names no folder') })
})
