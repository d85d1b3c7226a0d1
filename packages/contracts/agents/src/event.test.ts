import { expect, test } from 'vitest'
import { keptOutput } from './event.ts'

test('AG-14 of an output the last 64 KiB are kept, without a credential that the cut goes through', () => {
  const secret = `ghp_${'0aB1'.repeat(9)}`
  const end = 'x'.repeat(64 * 1_024 - 20)
  expect(keptOutput(`start ${'y'.repeat(70_000)}end`)).toBe(`${'y'.repeat(64 * 1_024 - 3)}end`)
  const kept = keptOutput(`${'y'.repeat(1_000)} ${secret} ${end}`)
  expect(kept).toHaveLength(64 * 1_024)
  for (let from = 0; from + 8 <= secret.length; from += 1) expect(kept).not.toContain(secret.slice(from, from + 8))
})
