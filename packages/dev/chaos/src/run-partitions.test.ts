import { expect, test } from 'vitest'
import { longestStall } from './run-partitions.ts'

const moved = (at: number, run: string, to: string) => ({ at, run: run as never, data: { to } })

test('a stall lasts from the first run that could land, or the last landing, to the next end of a landing', () => {
  const events = [
    moved(10, 'r1', 'landing'),
    moved(12, 'r2', 'landing'),
    moved(20, 'r1', 'landed'),
    moved(25, 'r3', 'checking'),
    moved(45, 'r2', 'working'),
    moved(900, 'r3', 'landing'),
    moved(905, 'r3', 'landed'),
  ]
  expect([longestStall(events), longestStall([])]).toEqual([25, 0])
})
