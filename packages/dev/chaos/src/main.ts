import process from 'node:process'
import { parseArgs } from 'node:util'
import { parseDuration } from '@coxswain/kernel'
import { measureTakeover, type Takeover } from './measure-takeover.ts'
import { isSound, renderPartitions, renderReport, renderTakeovers } from './render-report.ts'
import { runChaos } from './run-chaos.ts'
import { runPartitions } from './run-partitions.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '60' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    limit: { type: 'string', default: '20m' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    takeovers: { type: 'string' },
    partitions: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(`Works off a backlog while its daemon, database, agents and gates are killed, and proves what must hold.

  npm run chaos -- --runs 60 --kills 300        the whole, a few minutes
  npm run chaos -- --runs 6 --kills 12 --seed 4 as in the tests
  npm run chaos -- --takeovers 5                how long a second worker needs to go on with a dead one's runs
  npm run chaos -- --partitions 4 --runs 16     one of two workers is cut off from the database for a while, again and again
  npm run chaos -- --partitions 4 --runs 16 --kills 12   and it, agents, gates and the database are killed at the same time

  --runs N       tasks in the backlog (60)
  --kills N      kills and orderly stops (300; with --partitions none)
  --seed N       what is killed when; without it another one each time
  --limit TIME   such as 20m: what has not ended then has failed
  --keep         leaves the repository and its state for a look
  --json         one object instead of the report
`)
  process.exit(0)
}
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
process.stderr.write(`seed ${seed}\n`)
if (values.partitions !== undefined) await showPartitions(Number(values.partitions))
if (values.takeovers !== undefined) await showTakeovers(Number(values.takeovers), seed)
const report = await runChaos({
  runs: Number(values.runs),
  kills: Number(values.kills ?? 300),
  seed,
  limit: parseDuration(values.limit),
  isKept: values.keep,
  tell: (line) => void process.stderr.write(`${line}\n`),
})
process.stdout.write(`${values.json ? JSON.stringify(report) : renderReport(report)}\n`)
process.exit(isSound(report) ? 0 : 1)

async function showPartitions(cuts: number): Promise<never> {
  const partitions = await runPartitions({ runs: Number(values.runs), cuts, seed, kills: Number(values.kills ?? 0) })
  process.stdout.write(`${values.json ? JSON.stringify(partitions) : renderPartitions(partitions)}\n`)
  process.exit(isSound(partitions) ? 0 : 1)
}

/** Each in a world of its own; ends the process. */
async function showTakeovers(count: number, first: number): Promise<never> {
  const takeovers: Takeover[] = []
  for (let round = 0; round < count; round += 1) takeovers.push(await measureTakeover(first + round))
  for (const takeover of takeovers) process.stdout.write(`${JSON.stringify(takeover)}\n`)
  if (!values.json) process.stdout.write(`${renderTakeovers(takeovers)}\n`)
  process.exit(takeovers.every(({ moved, doubled, notLanded }) => moved > 0 && doubled === 0 && notLanded.length === 0) ? 0 : 1)
}
