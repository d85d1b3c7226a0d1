import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Run } from '@coxswain/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderWeakenedBy, weakenedByRun } from './weakened-by-run.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-weakened-by-'))
  mkdirSync(join(root, 'harness'))
  git('init', '--quiet', '--initial-branch=main')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost']
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' }).trim()
}

function commitChecks(text: string): string {
  writeFileSync(join(root, 'harness/checks.yaml'), text)
  git('add', '--all')
  git('commit', '--quiet', '--message', 'checks')
  return git('rev-parse', 'HEAD')
}

function makeRun(changes: Record<string, unknown>): Run {
  const counts = { turns: 1, gateFailures: 0, activeMs: 1, createdAt: 1, updatedAt: 1, costUsd: null }
  const tokens = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 }
  const place = { branch: 'cox/r1', base: null, head: null, landed: null, mayLand: false }
  const budget = { tokens: null, usd: null, timeMs: null }
  const state = { state: 'blocked', outcome: 'protected-path', reason: null }
  return Run.parse({
    id: 'r1',
    task: 't1',
    agent: 'codex',
    model: null,
    ...counts,
    tokens,
    ...place,
    budget,
    ...state,
    ...changes,
  })
}

test('a run that waits because of protected paths is told with what it weakens', async () => {
  const base = commitChecks('rules:\n  max-lines: { max: 350 }\n  no-cycles: error\n')
  const head = commitChecks('rules:\n  max-lines: { max: 900 }\n  no-cycles: warning\n')
  const weakened = await weakenedByRun(root, makeRun({ base, head }))
  expect(weakened === null ? '' : renderWeakenedBy(weakened)).toBe(
    'Rules that this change weakens\n  harness/checks.yaml: setting-weakened: max-lines: max goes from 350 to 900\n  harness/checks.yaml: setting-weakened: no-cycles goes from error to warning',
  )
})

test('a change that weakens nothing says so; any other run is not asked', async () => {
  const base = commitChecks('rules:\n  max-lines: { max: 350 }\n')
  const head = commitChecks('rules:\n  max-lines: { max: 300 }\n')
  const weakened = await weakenedByRun(root, makeRun({ base, head }))
  expect(weakened === null ? '' : renderWeakenedBy(weakened)).toBe('Rules: none is weakened by this change')
  expect(await weakenedByRun(root, makeRun({ base, head, outcome: 'blocked' }))).toBeNull()
  expect(await weakenedByRun(root, makeRun({ base, head: '0'.repeat(40) }))).toBeNull()
})
