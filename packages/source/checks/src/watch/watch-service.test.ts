import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFactTree, extractorVersion, openFactCache } from '@coxswain/facts'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSession } from '../engine/check-session.ts'
import { readProtected } from '../extra/git-changes.ts'
import type { Finding } from '../finding.ts'
import { startWatchService, type WatchService } from './watch-service.ts'

let folder = ''
let root = ''
let service: WatchService

const rulesFile = `rules:
  no-cycles: error
  max-lines: { max: 12 }
  unused-export: error
  unused-file: error
  unused-dependency: { private: true }
  duplicate-helper: { lines: 6 }
  parse-at-boundary: { forms: [boundary-call, any, cast] }
  docs-exist: { agents: AGENTS.md }
  public-entry-only: error
  structured-logging: error
  file-name: error
  no-barrel: error
  named-after-export: error
  protected-config: error
`
const start: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "root", "private": true, "workspaces": ["packages/*"] }',
  'harness/checks.yaml': rulesFile,
  'harness/architecture.yaml': 'capabilities: [{ name: parsing, use: b, instead-of: [zod] }]\n',
  'packages/a/package.json': '{ "name": "a", "exports": { ".": "./src/index.ts" }, "dependencies": { "b": "1", "zod": "1" } }',
  'packages/a/src/index.ts': "export { one } from './one.ts'\n",
  'packages/a/src/one.ts': "import { two } from 'b'\nexport const one = two\n",
  'packages/b/package.json': '{ "name": "b", "exports": { ".": "./src/index.ts" } }',
  'packages/b/src/index.ts': "export * from './two.ts'\n",
  'packages/b/src/two.ts': 'export const two = 2\n',
  'packages/a/compat/package.json': '{ "main": "index.ts" }',
  'packages/a/compat/index.ts': "import 'zod'\n",
  'packages/b/AGENTS.md': '# b\n\n[two](./src/two.ts)\n',
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cox-watch-'))
  root = join(folder, 'repo')
  for (const [path, text] of Object.entries(start)) write(path, text)
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'start')
  service = await startWatchService({ root, stateFolder: join(folder, 'state'), cache: false })
})

afterEach(() => {
  service.close()
  rmSync(folder, { recursive: true, force: true })
})

it('answers like a cold run after every step of random edits, and so does a run that goes on from the last one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const taken of steps) {
        take(taken)
        const cold = await coldRun()
        expect(await service.check()).toEqual(cold)
        expect(await warmRun()).toEqual(cold)
      }
    }),
    {
      numRuns: Number(process.env['COX_WATCH_RUNS'] ?? 40),
      endOnFailure: true,
      ...(process.env['COX_SEED'] && { seed: Number(process.env['COX_SEED']) }),
    },
  )
}, 3_600_000)

it('tells of what a package offers no more, also where that was passed on without a name', async () => {
  await service.check()
  write('packages/b/src/index.ts', '\n')
  expect(await service.check()).toEqual(await coldRun())
})

it('takes in hundreds of files at once, a new folder and a branch switch', async () => {
  git('checkout', '-qb', 'other')
  for (let at = 0; at < 500; at++) write(`packages/a/src/deep/file-${at}.ts`, `export const value${at} = ${at}\n`)
  expect(await service.check()).toEqual(await coldRun())
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'many')
  git('checkout', '-q', '-')
  git('checkout', '-q', 'other')
  expect(await service.check()).toEqual(await coldRun())
  write('.gitignore', 'packages/a/src/deep\n')
  git('rm', '-rq', '--cached', 'packages/a/src/deep')
  expect(await service.check()).toEqual(await coldRun())
})

it.each([
  ['removed', () => rmSync(join(root, 'packages/b/src'), { recursive: true })],
  ['moved away', () => renameSync(join(root, 'packages/b/src'), join(root, 'packages/b/old'))],
  ['moved away with the one around it', () => renameSync(join(root, 'packages/b'), join(root, 'packages/old'))],
])('CHK-40 sees what is written in a folder that was %s and stands there again', async (_, takeAway) => {
  cpSync(join(root, 'packages/b'), join(folder, 'b'), { recursive: true })
  takeAway()
  cpSync(join(folder, 'b'), join(root, 'packages/b'), { recursive: true })
  expect(await service.check()).toEqual(await coldRun())
  write('packages/b/src/two.ts', "console.log('x')\n")
  const cold = await coldRun()
  expect(cold.map(({ rule }) => rule)).toContain('structured-logging')
  expect(await service.check()).toEqual(cold)
})

it('CHK-40 sees that HEAD is another commit, where no file and no index has changed', async () => {
  write('harness/checks.yaml', rulesFile.replace('max: 12', 'max: 99'))
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qam', 'weaker')
  expect(await service.check()).toEqual(await coldRun())
  git('reset', '-q', '--soft', 'HEAD~1')
  const cold = await coldRun()
  expect(cold.map(({ rule }) => rule)).toContain('protected-config')
  expect(await service.check()).toEqual(cold)
})

it('CHK-40 sees what git does in a linked worktree', async () => {
  write('.gitignore', 'packages/a/src/ignored.ts\n')
  write('harness/checks.yaml', rulesFile.replace('max: 12', 'max: 99'))
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qam', 'weaker')
  git('worktree', 'add', '-q', '--detach', join(folder, 'linked'))
  root = join(folder, 'linked')
  write('packages/a/src/ignored.ts', "console.log('x')\n")
  const linked = await startWatchService({ root, stateFolder: join(folder, 'linked-state'), cache: false })
  try {
    expect(await linked.check()).toEqual(await coldRun())
    git('add', '--force', 'packages/a/src/ignored.ts')
    const added = await coldRun()
    expect(added.map(({ rule }) => rule)).toContain('structured-logging')
    expect(await linked.check()).toEqual(added)
    git('reset', '-q', '--soft', 'HEAD~1')
    const moved = await coldRun()
    expect(moved.map(({ rule }) => rule)).toContain('protected-config')
    expect(await linked.check()).toEqual(moved)
  } finally {
    linked.close()
  }
})

it('tells a mistake in the configuration until it is mended, and what happened meanwhile then', async () => {
  write('harness/checks.yaml', 'rules: { none: error }\n')
  write('packages/a/src/new.ts', 'export const added = 1\n')
  for (let time = 0; time < 2; time++) await expect(service.check()).rejects.toMatchObject({ code: 'RULE_UNKNOWN' })
  write('harness/checks.yaml', rulesFile)
  const cold = await coldRun()
  expect(cold.map(({ file }) => file)).toContain('packages/a/src/new.ts')
  expect(await service.check()).toEqual(cold)
})

const paths = [
  'packages/a/src/one.ts',
  'packages/a/src/index.ts',
  'packages/b/src/two.ts',
  'packages/b/src/index.ts',
  'packages/a/src/threeFour.ts',
  'packages/b/src/five/six.ts',
  'packages/a/test/one.test.ts',
  'packages/b/tsup.config.ts',
  'packages/a/compat/index.ts',
]
const folders = ['packages/a/src', 'packages/b/src', 'packages/b/src/five', 'packages/a/moved']
const lines = [
  "import { two } from 'b'",
  "import type { two as shape } from 'b'",
  "import { one as back } from 'a'",
  "import { Two } from './two.ts'",
  'export type Two = 2',
  'export const Two = 2',
  "import { two as deep } from 'b/src/two.ts'",
  "import { one } from './one.ts'",
  "import { z } from 'zod'",
  "import * as all from './index.ts'",
  "export * from './two.ts'",
  "export { one as first } from '../../a/src/one.ts'",
  'export const one = 1',
  'export const two = 2',
  'export const other = (value: any) => value as number',
  'export const read = (text: string) => JSON.parse(text)',
  "console.log('x')",
  'export function same(list: number[]) {\n  let sum = 0\n  for (const item of list) {\n    sum += item\n  }\n  return sum\n}',
  '// cox-allow structured-logging owner=a until=2030-01-01 reason=b',
  'const broken = ',
  "export default { entry: ['src/two.ts', 'src/five/*.ts'] }",
]
const documents = ['# a\n\n[one](./src/one.ts)\n', '# a\n\n[gone](./gone.md)\n\n```sh\nnpm run none\n```\n']

type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

const source = fc.array(fc.constantFrom(...lines), { maxLength: 5 }).map((chosen) => `${chosen.join('\n')}\n`)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), path: fc.constantFrom(...paths), text: source }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constantFrom('packages/a/AGENTS.md', 'packages/b/AGENTS.md'),
      text: fc.constantFrom(...documents),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constantFrom('packages/a/package.json', 'packages/b/package.json'),
      text: fc.constantFrom(
        start['packages/a/package.json'] ?? '',
        start['packages/b/package.json'] ?? '',
        '{ "name": "c"',
        '{ "name": "b", "scripts": { "none": "x" } }',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constant('packages/a/index.html'),
      text: fc.constantFrom('<script src="/src/threeFour.ts"></script>', '<script src="/src/none.ts"></script>'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      path: fc.constant('harness/checks.yaml'),
      text: fc.constantFrom(
        rulesFile,
        rulesFile.replace('max: 12', 'max: 3'),
        rulesFile.replace('max: 12', 'max: 99'),
        rulesFile.replace('no-cycles: error', "no-cycles: { exclude: ['packages/a/**'] }"),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      path: fc.constantFrom(...paths, ...folders, 'packages/b/AGENTS.md'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rename' as const),
      path: fc.constantFrom(...paths),
      to: fc.constantFrom(...paths),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rename' as const),
      path: fc.constantFrom(...folders),
      to: fc.constantFrom(...folders),
    }),
  },
)

function take(taken: Step): void {
  if (taken.kind === 'write') write(taken.path, taken.text)
  else if (taken.kind === 'delete') rmSync(join(root, taken.path), { recursive: true, force: true })
  else rename(taken.path, taken.to)
}

const impossible: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTEMPTY', 'EINVAL'])

function rename(from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true })
  try {
    renameSync(join(root, from), join(root, to))
  } catch (error) {
    // Nothing is there, or something that is in the way.
    if (!(error instanceof Error && 'code' in error && impossible.has(error.code))) throw error
  }
}

async function coldRun(): Promise<readonly Finding[]> {
  const session = await openSession({ tree: createFactTree(root, null), before: () => readProtected(root, 'HEAD') })
  return session.findings()
}

/** As a second process would: with what the last one saved. */
async function warmRun(): Promise<readonly Finding[]> {
  const cache = openFactCache(join(folder, 'facts.sqlite'), extractorVersion)
  try {
    const session = await openSession({ tree: createFactTree(root, cache), before: () => readProtected(root, 'HEAD') })
    const findings = session.findings()
    session.save()
    return findings
  } finally {
    cache.close()
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: root, stdio: 'ignore' })
}
