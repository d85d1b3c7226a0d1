import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rateOf, recordedRate } from './recorded-rate.ts'

const day = 86_400_000
const now = 1_000 * day
const run = (agent: string, daysAgo: number) => ({ agent, createdAt: now - daysAgo * day })

test('the rate is runs a day by agent, over thirty days at most and one at least', () => {
  expect(rateOf([run('codex', 10), run('codex', 1), run('acp:gemini --acp', 2), run('rewriter', 3)], now)).toEqual({
    codex: 0.2,
    gemini: 0.1,
  })
  expect(rateOf([run('codex', 0.1), run('codex', 0), run('claude', 40)], now)).toEqual({ codex: 2 })
  expect(rateOf([run('codex', 31)], now)).toBeNull()
})

test('outside a repository nothing is recorded, and nothing is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cox-rate-'))
  try {
    expect(await recordedRate(folder)).toEqual({ runsPerDay: null, missing: 'no runs are recorded here' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
