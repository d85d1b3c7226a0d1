import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bareParse } from './bare-parse.ts'
import { startServiceBench } from './service-bench.ts'

// All figures of one run stand side by side: machines differ and are shared, ratios are what counts.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    domains: { type: 'string', default: '24' },
    growth: { type: 'boolean', default: false },
  },
})
const repository = resolve(import.meta.dirname, '../..')
const generator = process.env['COX_CORPUS'] ?? resolve(repository, '../shared/corpus/workspace-gen.mjs')
const command = join(repository, 'packages/source/checks/src/main.ts')
const runs = Number(values.runs)
const comparableRules = {
  categories: { correctness: 'off' },
  plugins: ['typescript', 'import', 'unicorn'],
  rules: {
    'max-lines': ['error', { max: 350 }],
    'no-restricted-imports': [
      'error',
      { patterns: ['@cox/*/src/*'], paths: ['lodash', 'winston', 'axios', 'bluebird', 'p-queue'] },
    ],
    'no-console': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
  },
}
if (!existsSync(generator)) throw new Error(`no generator at ${generator}; name one with COX_CORPUS`)

const folder = mkdtempSync(join(tmpdir(), 'cox-bench-'))
process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled')
process.env['XDG_CACHE_HOME'] = join(folder, 'cache')
try {
  const sizes = values.growth
    ? ['1.6', '5', '24', '49'].map((size) => Math.max(1, Math.floor(Number(size))))
    : [Number(values.domains)]
  for (const domains of sizes) await measure(domains)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(domains: number): Promise<void> {
  const root = join(folder, `workspace-${domains}`)
  must(process.execPath, [generator, '--out', root, '--seed', '1', '--domains', String(domains)])
  cpSync(join(repository, 'examples/corpus-harness'), root, { recursive: true })
  must('git', ['init', '-q', root])
  must('git', ['-C', root, 'add', '-A'])
  const oxlintConfig = join(folder, 'oxlint.json')
  writeFileSync(oxlintConfig, JSON.stringify(comparableRules))
  const oxlint = (): Sample =>
    sample(join(repository, 'node_modules/.bin/oxlint'), ['-c', oxlintConfig, join(root, 'packages'), '--silent'])
  const cold = (): Sample =>
    sample(process.execPath, ['--disable-warning=ExperimentalWarning', command, '-C', root, '--no-cache'])
  cold() // fills the compile cache, as an installed program would have it
  const rows = { oxlint: [] as Sample[], bare: [] as Sample[], cold: [] as Sample[], warm: [] as Sample[] }
  sample(process.execPath, [command, '-C', root])
  for (let run = 0; run < runs; run++) {
    rows.oxlint.push(oxlint())
    rows.bare.push(bareParse(root))
    rows.cold.push(cold())
    touch(root, run)
    rows.warm.push(sample(process.execPath, ['--disable-warning=ExperimentalWarning', command, '-C', root]))
  }
  const base = median(rows.oxlint.map((row) => row.wallMs))
  process.stdout.write(`\n${domains * 30 + 30} packages, medians of ${runs}\n`)
  for (const [name, samples] of Object.entries(rows)) {
    const wall = median(samples.map((row) => row.wallMs))
    const cpu = median(samples.map((row) => row.cpuMs))
    process.stdout.write(
      `${name.padEnd(10)} wall ${wall.toFixed(0).padStart(6)} ms   cpu ${cpu.toFixed(0).padStart(6)} ms   rss ${median(
        samples.map((row) => row.rssMb),
      )
        .toFixed(0)
        .padStart(4)} MB   ${(wall / base).toFixed(2)} x oxlint wall\n`,
    )
  }
  process.stdout.write(await startServiceBench(root, command))
}

interface Sample {
  readonly wallMs: number
  readonly cpuMs: number
  readonly rssMb: number
}

/** One process, measured by the operating system. */
function sample(program: string, args: readonly string[]): Sample {
  const startedAt = performance.now()
  const result = spawnSync('/usr/bin/time', ['-f', '%U %S %M', program, ...args], { encoding: 'utf8', maxBuffer: 1e9 })
  const [user = 0, system = 0, kilobytes = 0] = (result.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  if (result.status !== 0)
    throw new Error(`${program} ended with ${result.status}: ${result.stderr.slice(0, 500)}${result.stdout.slice(0, 500)}`)
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) * 1_000, rssMb: kilobytes / 1_024 }
}

function touch(root: string, run: number): void {
  const listed = spawnSync('git', ['-C', root, 'ls-files', '*/src/index.ts'], { encoding: 'utf8', maxBuffer: 1e8 }).stdout.split(
    '\n',
  )
  const file = join(root, listed[(run * 37) % (listed.length - 1)] ?? '')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n`)
}

function must(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (result.status !== 0) throw new Error(`${program}: ${result.stderr}`)
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}
