import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readEnvironment } from '@coxswain/host'
import { checkList } from './check-list.ts'
import { chooseSabotages } from './choose-sabotages.ts'
import { readList } from './read-list.ts'
import { renderSummary, renderVerdict } from './render-verdict.ts'
import { runSabotages } from './run-sabotages.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout
    .write(`Breaks promises of specs/ one by one in a copy of the workspace, and demands that the room's own tests notice.

  npm run sabotage                          every line of packages/dev/sabotage/sabotages.yaml
  npm run sabotage -- --only DAE-1          the lines of one promise
  npm run sabotage -- --sample 6 --seed 4   some lines of rooms whose tests are fast

  --list   what would be broken, without a test
  --json   one object instead of the report
Exit code 1 where a line was missed, or says nothing.
`)
  process.exit(0)
}
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const list = readList(fileURLToPath(new URL('../sabotages.yaml', import.meta.url)))
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)
const sabotages = chooseSabotages(list, {
  only: values.only,
  sample: values.sample === undefined ? undefined : Number(values.sample),
  seed,
})
if (sabotages.length === 0) fail(`No line breaks ${values.only ?? 'anything'}`)
if (values.list) {
  const lines = sabotages.map(({ promise, breaks, file }) => `${promise.padEnd(8)} ${breaks} (${file})`)
  process.stdout.write(`${values.json ? JSON.stringify(sabotages) : lines.join('\n')}\n`)
  process.exit(0)
}
if (values.sample !== undefined) process.stderr.write(`seed ${seed}\n`)
const isWhole = sabotages.length === list.sabotages.length
const faults = isWhole ? checkList(root, list) : []
for (const fault of faults) process.stderr.write(`${fault}\n`)

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort(new Error('interrupted')))
let done = 0
const verdicts = await runSabotages({
  root,
  sabotages,
  env: readEnvironment(),
  signal: interrupted.signal,
  onVerdict: (verdict) => {
    done += 1
    process.stderr.write(`${String(done).padStart(3)}/${sabotages.length} ${renderVerdict(verdict)}\n`)
  },
}).catch((error: unknown) => {
  if (interrupted.signal.aborted) return fail('Interrupted; the copy is removed')
  throw error
})
process.stdout.write(`${values.json ? JSON.stringify({ seed, faults, verdicts }) : renderSummary(verdicts)}\n`)
process.exit(faults.length === 0 && verdicts.every(({ kind }) => kind === 'noticed') ? 0 : 1)

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
