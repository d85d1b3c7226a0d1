import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { errorMessage } from '@coxswain/kernel'
import { describeRuns, printClosing, printOpening, type DemoResult } from './report.ts'
import { createStage, type Stage } from './stage.ts'
import { playBacklog } from './play-backlog.ts'

const asJson = process.argv.includes('--json')
const keep = process.argv.includes('--keep')
if (process.argv.includes('--help')) {
  process.stdout.write(
    'Usage: npm run demo -- [--json] [--keep]\n\nRuns the main job on a sample workspace: tasks become landed changes.\n  --json  print one JSON object on stdout\n  --keep  leave the sample repository where it is, to look at\n',
  )
  process.exit(0)
}

const startedAt = performance.now()
const stage = await createStage({ say: (line) => process.stderr.write(`${line}\n`) })
const interrupted = once(process, 'SIGINT').then(() => 130)
try {
  await printOpening(stage)
  const code = await Promise.race([play(stage), interrupted])
  process.exitCode = code
} finally {
  await stage.close({ keep })
}

async function play(ready: Stage): Promise<number> {
  const error = await playBacklog(ready).then(() => null, errorMessage)
  if (error !== null) ready.say(`\nThe demo could not go on: ${error}\nLook at it with: npm run demo -- --keep`)
  const described = await describeRuns(ready)
  const isAsExpected = described.isAsExpected && error === null
  const result: DemoResult = { ...described, isAsExpected, error, wallMs: Math.round(performance.now() - startedAt) }
  if (asJson) process.stdout.write(`${JSON.stringify(result)}\n`)
  printClosing(ready, result, keep)
  return result.isAsExpected ? 0 : 1
}
