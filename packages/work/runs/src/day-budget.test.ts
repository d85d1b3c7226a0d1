import { expect, test } from 'vitest'
import { dayBreach } from './day-budget.ts'

test('a limit that is reached is used up, and none is no limit', () => {
  const spent = { tokens: 1_000, usd: 2 }
  expect([
    dayBreach(spent, { tokens: null, usd: null }),
    dayBreach(spent, { tokens: 1_001, usd: 2.01 }),
    dayBreach(spent, { tokens: 1_000, usd: null }),
    dayBreach(spent, { tokens: null, usd: 2 }),
  ]).toEqual([
    null,
    null,
    'The token budget of the day is used up: 1000 of 1000. It goes on tomorrow, or when `day` in harness/harness.yaml allows more.',
    'The money budget of the day is used up: $2.00 of $2. It goes on tomorrow, or when `day` in harness/harness.yaml allows more.',
  ])
})
