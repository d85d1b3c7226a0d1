/** `npm run bench:start`: a cold `cox --help` beside a bare `node -e 0`, each a process of its own, in turns. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

const rounds = 21
const root = join(import.meta.dirname, '../..')

const bare: number[] = []
const source: number[] = []
const entry: number[] = []
const main = join(root, 'packages/apps/cli/src/main.ts')
timeOf([process.execPath, main, '--help']) // fills the compile cache, as any earlier command does
for (let round = 0; round < rounds; round += 1) {
  bare.push(timeOf([process.execPath, '-e', '0']))
  source.push(timeOf([process.execPath, main, '--help']))
  entry.push(timeOf([join(root, 'cox'), '--help']))
}
const base = median(bare)
process.stdout.write(
  [
    `medians of ${rounds}`,
    `node -e 0              ${base.toFixed(0)} ms`,
    `cox --help, main.ts    ${median(source).toFixed(0)} ms  ${(median(source) / base).toFixed(2)} times`,
    `./cox --help           ${median(entry).toFixed(0)} ms  ${(median(entry) / base).toFixed(2)} times  goal <= 2.5`,
    '',
  ].join('\n'),
)

function timeOf([program = '', ...args]: readonly string[]): number {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - startedAt
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
