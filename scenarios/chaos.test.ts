import { seconds } from '../packages/base/kernel/src/index.ts'
import { test } from 'vitest'
import {
  isSound,
  measureTakeover,
  renderPartitions,
  renderReport,
  runChaos,
  runPartitions,
} from '../packages/dev/chaos/src/index.ts'

/** R2, U6: what is killed goes on, and nothing is lost, doubled or left. */
const limit = 600_000

test.concurrent(
  'a backlog is worked off while daemon, database, agents and gates are killed',
  async ({ expect }) => {
    const report = await runChaos({ runs: 6, kills: 12, seed: 4, limit: seconds(480), isKept: false, tell: () => {} })
    expect(isSound(report), renderReport(report)).toBe(true)
    expect(Object.values(report.kills).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  },
  limit,
)

test.concurrent(
  'the runs of a worker that is killed go on in another one',
  async ({ expect }) => {
    const takeover = await measureTakeover(4)
    expect(takeover).toMatchObject({ doubled: 0, notLanded: [] })
    expect(takeover.moved).toBeGreaterThan(0)
  },
  limit,
)

test.concurrent(
  'a worker that is cut off from the database until others take its runs over records, lands and spends nothing more',
  async ({ expect }) => {
    // More than one worker may have at once, so that each gets some.
    const partitions = await runPartitions({ runs: 14, cuts: 1, seed: 5, between: [15, 15], untilTakenOver: true })
    expect(isSound(partitions), renderPartitions(partitions)).toBe(true)
    expect(partitions.takenOver).toBeGreaterThan(0)
  },
  limit,
)
