import { HarnessConfig } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { protectedAmong } from './protected-paths.ts'

const patterns = HarnessConfig.parse({}).protected

test('the default patterns protect the harness, CI and owners', () => {
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
  ]
  expect(protectedAmong(guarded, patterns)).toEqual(guarded)
})

test('a file system that ignores case must not open a way around', () => {
  expect(protectedAmong(['Harness/harness.yaml', '.GitHub/workflows/ci.yml'], patterns)).toEqual([
    'Harness/harness.yaml',
    '.GitHub/workflows/ci.yml',
  ])
})

test('all else is free', () => {
  const free = ['src/harness/a.ts', 'harnesses/a', 'github/ci.yml', 'src/CODEOWNERS.md', 'a\nharness/x']
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
