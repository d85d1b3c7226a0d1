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

function commitChecks(text: string, file = 'checks.yaml'): string {
  writeFileSync(join(root, 'harness', file), text)
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
  expect(weakened === null ? '' : renderWeakenedBy(weakened)).toBe(
    'Rules: no gate, check, constraint or baseline is weakened by this change; what else it touches is not compared',
  )
  expect(await weakenedByRun(root, makeRun({ base, head, outcome: 'blocked' }))).toBeNull()
  expect(await weakenedByRun(root, makeRun({ base, head: '0'.repeat(40) }))).toBeNull()
})

test('gates that a change takes away are told, and what cannot be read is never called whole', async () => {
  const gates = 'gates: [{ name: test, command: [npm, test] }]\n'
  const base = commitChecks(gates, 'harness.yaml')
  const told = async (text: string): Promise<string> => {
    const weakened = await weakenedByRun(root, makeRun({ base, head: commitChecks(text, 'harness.yaml') }))
    return weakened === null ? '' : renderWeakenedBy(weakened)
  }
  expect(await told('landing: { policy: auto }\n')).toBe(
    'Rules that this change weakens\n  harness/harness.yaml: setting-weakened: gate test is removed: `npm test` is no longer run\n  harness/harness.yaml: setting-weakened: landing.policy goes from ask to auto',
  )
  expect(await told('gates: [\n')).toContain('what it weakens cannot be judged')
  expect(await told(`${gates}concurrency: 1\n`)).toBe(
    'Rules: no gate, check, constraint or baseline is weakened by this change; what else it touches is not compared',
  )
})

test('what is exempted is told with its reason', async () => {
  const base = commitChecks('rules: {}\n')
  const entry = '{ rule: no-secrets, files: [keys/**], owner: ana, reason: test keys, until: 2027-03-31 }'
  const weakened = await weakenedByRun(root, makeRun({ base, head: commitChecks(`exemptions: [${entry}]\n`) }))
  expect(weakened === null ? '' : renderWeakenedBy(weakened)).toBe(
    'Rules: no gate, check, constraint or baseline is weakened by this change; what else it touches is not compared\nExempted, with a reason\n  harness/checks.yaml: keys/** from no-secrets until 2027-03-31 by ana: test keys',
  )
})
