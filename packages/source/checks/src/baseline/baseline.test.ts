import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Finding } from '../finding.ts'
import { matchBaseline, planBaseline, readBaseline, writeBaseline } from './baseline.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-baseline-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function finding(name: string, file = 'a.ts'): Finding {
  return {
    rule: 'max-lines',
    severity: 'error',
    file,
    line: 1,
    column: 1,
    what: name,
    why: 'w.',
    fix: ['F.'],
    see: 's',
    fingerprint: print(name + file),
    moveKey: print(name),
  }
}

function print(text: string): string {
  return Buffer.from(text).toString('hex').padEnd(16, '0').slice(0, 16)
}

it('keeps what it was given', async () => {
  const match = matchBaseline([finding('one'), finding('two')], [])
  await writeBaseline(root, planBaseline(match, 'old code'))
  expect(matchBaseline([finding('one'), finding('two')], readBaseline(root))).toMatchObject({
    fresh: [],
    known: [{ entry: { reason: 'old code' } }, {}],
    fixed: [],
  })
})

it('does not let a mended violation pay for a new one', async () => {
  await writeBaseline(root, planBaseline(matchBaseline([finding('one')], []), 'old'))
  const match = matchBaseline([finding('new')], readBaseline(root))
  expect([match.fresh.length, match.known.length, match.fixed.length]).toEqual([1, 0, 1])
})

it('recognises code that moved to another file', async () => {
  await writeBaseline(root, planBaseline(matchBaseline([finding('one')], []), 'old'))
  const match = matchBaseline([finding('one', 'b.ts')], readBaseline(root))
  expect([match.fresh.length, match.known.length, match.fixed.length]).toEqual([0, 1, 0])
})

it('only shrinks without a reason', async () => {
  await writeBaseline(root, planBaseline(matchBaseline([finding('one'), finding('two')], []), 'old'))
  await writeBaseline(root, planBaseline(matchBaseline([finding('two'), finding('new')], readBaseline(root)), null))
  expect(readBaseline(root).map((entry) => entry.fingerprint)).toEqual([finding('two').fingerprint])
  await writeBaseline(root, planBaseline(matchBaseline([], readBaseline(root)), null))
  expect(readBaseline(root)).toEqual([])
})

it('merges without conflict when two branches mend and accept', async () => {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root, encoding: 'utf8' })
  const commit = async (names: readonly string[]): Promise<void> => {
    await writeBaseline(
      root,
      planBaseline(
        matchBaseline(
          names.map((name) => finding(name)),
          [],
        ),
        'old',
      ),
    )
    git('add', '-A')
    git('commit', '-qm', names.join())
  }
  git('init', '-q', '-b', 'main')
  await commit(['a', 'b', 'c', 'd'])
  git('checkout', '-qb', 'other')
  await commit(['a', 'c', 'd', 'e'])
  git('checkout', '-q', 'main')
  await commit(['a', 'b', 'd', 'f'])
  git('merge', '-q', '--no-edit', 'other')
  const match = matchBaseline(
    ['a', 'd', 'e', 'f'].map((name) => finding(name)),
    readBaseline(root),
  )
  expect(match.fresh).toEqual([])
})
