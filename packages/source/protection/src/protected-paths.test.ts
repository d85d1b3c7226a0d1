import { HarnessConfig } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { protectedAmong, withoutShrunkBaselines } from './protected-paths.ts'
import { createSampleRepository } from './testing/sample-repository.ts'

const patterns = HarnessConfig.parse({}).protected

test('the default patterns protect the harness, CI, owners, linters, hooks and what may be installed', () => {
  const guarded = [
    'harness',
    'harness/harness.yaml',
    'harness/constraints/.hidden/a.md',
    'harness/constraints/with space.md',
    'harness/constraints/line\nbreak.md',
    'harness/constraints/[x]{y}(z)!.md',
    '.github/workflows/ci.yml',
    '.github/workflows/\r\n.yml',
    '.gitlab-ci.yml',
    '.ci/run',
    'CODEOWNERS',
    '.github/CODEOWNERS',
    'docs/CODEOWNERS',
    'harness/baseline/no-cycles.txt',
    'harness/roles/security.md',
    '.husky/pre-commit',
    'packages/a/eslint.config.mjs',
    '.oxlintrc.json',
    'pnpm-workspace.yaml',
    '.npmrc',
    '.claude/settings.json',
    '.codex/config.toml',
  ]
  expect(protectedAmong(guarded, patterns)).toEqual(guarded)
})

test('a file system that ignores case must not open a way around', () => {
  expect(protectedAmong(['Harness/harness.yaml', '.GitHub/workflows/ci.yml'], patterns)).toEqual([
    'Harness/harness.yaml',
    '.GitHub/workflows/ci.yml',
  ])
})

test('a repository adds to the list, and takes out with a mark', () => {
  const own = HarnessConfig.parse({ protected: ['migrations/**', '!.github/ISSUE_TEMPLATE/**'] }).protected
  const paths = [
    'migrations/1.sql',
    'harness/harness.yaml',
    '.github/ISSUE_TEMPLATE/bug.md',
    '.github/workflows/ci.yml',
    'src/a.ts',
  ]
  expect(protectedAmong(paths, own)).toEqual(['migrations/1.sql', 'harness/harness.yaml', '.github/workflows/ci.yml'])
})

test('all else is free', () => {
  const free = [
    'src/harness/a.ts',
    'harnesses/a',
    'github/ci.yml',
    'src/CODEOWNERS.md',
    'a\nharness/x',
    'package.json',
    'pnpm-lock.yaml',
    '.claude/rules/a.md',
  ]
  expect(protectedAmong(free, patterns)).toEqual([])
  expect(protectedAmong(['harness/harness.yaml'], [])).toEqual([])
})

test('whatever lies under a protected folder is protected', () => {
  const segment = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 12 })
    .filter((name) => !name.includes('/') && !name.includes('\0') && name !== '.' && name !== '..')
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
      const path = `harness/${segments.join('/')}`
      expect(protectedAmong([path], patterns)).toEqual([path])
    }),
    { numRuns: 100 },
  )
})

test('a baseline that only shrinks needs no person; one that grows, changes or is no baseline does', async () => {
  await using repository = await createSampleRepository()
  const { root, git, write, commit } = repository
  const names = ['shrinks', 'grows', 'changes', 'goes'].map((name) => `harness/baseline/${name}.txt`)
  const others = ['harness/baseline/.gitattributes', 'harness/notes.txt']
  for (const path of [...names, ...others]) await write(path, 'a\nb\n')
  const base = await commit()
  const [shrinks = '', grows = '', changes = '', goes = ''] = names
  await write(shrinks, 'b\n')
  await write(grows, 'a\nb\nc\n')
  await write(changes, 'a\nB\n')
  await rm(join(root, goes))
  for (const path of others) await write(path, 'b\n')
  const head = await commit()
  expect(await withoutShrunkBaselines([...names, ...others], { git, base, head })).toEqual([grows, changes, ...others])
})
