import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAdversarial } from './adversarial.ts'
import { bareParse } from './bare-parse.ts'
import { installPackage } from './install-package.ts'
import { installPeers, type Peer } from './peers.ts'
import { median, must, sample, type Sample } from './sample.ts'
import { measureService } from './service-bench.ts'

// All figures of one run stand side by side: machines differ and are shared, ratios are what counts.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    domains: { type: 'string', default: '24' },
    /** 50, 150, 750 and 1,500 packages instead of one size. */
    growth: { type: 'boolean', default: false },
    /** Runs of dependency-cruiser, knip, ESLint and Biome; 0 leaves them out. */
    peers: { type: 'string', default: '1' },
    /** Inputs made to take long, at three sizes each, and nothing else. */
    adversarial: { type: 'boolean', default: false },
    /** Of these the ones with such a name. */
    only: { type: 'string' },
  },
})
const repository = resolve(import.meta.dirname, '../..')
const generator = process.env['COX_CORPUS'] ?? resolve(repository, '../shared/corpus/workspace-gen.mjs')
const fromSource = join(repository, 'cox')
if (!values.adversarial && !existsSync(generator)) throw new Error(`no generator at ${generator}; name one with COX_CORPUS`)
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
let touched = 0

const folder = mkdtempSync(join(tmpdir(), 'cox-bench-'))
process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled')
const peerFolder = join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? folder, '.cache'), 'coxswain/bench-peers')
// Each program has a cache of its own: what another has found is worth nothing to it.
const [cache, sourceCache] = [join(folder, 'cache'), join(folder, 'source-cache')]
process.env['XDG_CACHE_HOME'] = cache
let installed = ''
try {
  if (values.adversarial) {
    const program = join(repository, 'packages/apps/cli/src/main.ts')
    process.exitCode = measureAdversarial(program, values.only, print) ? 0 : 1
  } else {
    installed = installPackage(repository, join(folder, 'packed'))
    for (const domains of values.growth ? growthSizes() : [Number(values.domains)]) await measure(domains)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A domain has thirty packages, and there are thirty providers. */
function growthSizes(): number[] {
  return [50, 150, 750, 1_500].map((packages) => Math.max(1, Math.round((packages - 30) / 30)))
}

async function measure(domains: number): Promise<void> {
  const root = makeWorkspace(domains)
  const tools = measureTools(root)
  const base = tools.get('oxlint') ?? []
  print(`\n${domains * 30 + 30} packages, medians of ${runs}`)
  for (const [name, samples] of tools) print(row(name, samples, base))
  if (!values.growth) for (const [peer, samples] of measurePeers(root)) print(row(peer.name, samples, base, peer.files))
  // It runs in this process, from source.
  process.env['XDG_CACHE_HOME'] = sourceCache
  print(await measureService(root, installed))
  process.env['XDG_CACHE_HOME'] = cache
  rmSync(root, { recursive: true, force: true })
}

function makeWorkspace(domains: number): string {
  const root = join(folder, `workspace-${domains}`)
  must(process.execPath, [generator, '--out', root, '--seed', '1', '--domains', String(domains)])
  cpSync(join(repository, 'examples/corpus-harness'), root, { recursive: true })
  must('git', ['init', '-q', root])
  must('git', ['-C', root, 'add', '-A'])
  return root
}

function measureTools(root: string): ReadonlyMap<string, Sample[]> {
  const config = join(folder, 'oxlint.json')
  writeFileSync(config, JSON.stringify(comparableRules))
  const check = (...more: string[]): Sample => sample(process.execPath, [installed, 'check', '-C', root, ...more])
  const checkFromSource = (): Sample => sample('/usr/bin/env', [`XDG_CACHE_HOME=${sourceCache}`, fromSource, 'check', '-C', root])
  // Fills the compile cache, as an installed program would have it, and the cache of facts.
  check('--no-cache')
  for (let time = 0; time < 2; time++) for (const take of [check, checkFromSource]) take()
  const tools = new Map<string, () => Sample>([
    ['oxlint', () => sample(join(repository, 'node_modules/.bin/oxlint'), ['-c', config, join(root, 'packages'), '--silent'])],
    ['read, parse, visit', () => bareParse(root)],
    ['cox check, cold', () => check('--no-cache')],
    ['cox check, warm', () => (touch(root), check())],
    ['the same from source', checkFromSource],
  ])
  const samples = new Map([...tools.keys()].map((name) => [name, [] as Sample[]]))
  for (let run = 0; run < runs; run++) for (const [name, take] of tools) samples.get(name)?.push(take())
  return samples
}

/** One more file changes. */
function touch(root: string): void {
  const listed = must('git', ['-C', root, 'ls-files', '*/src/index.ts']).trim().split('\n')
  const file = join(root, listed[(touched++ * 37) % listed.length] ?? '')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n`)
}

function measurePeers(root: string): ReadonlyMap<Peer, Sample[]> {
  const times = Number(values.peers)
  if (times === 0) return new Map()
  const peers = installPeers(peerFolder, root)
  if (typeof peers === 'string') {
    print(`peers left out: ${peers}`)
    return new Map()
  }
  return new Map(peers.map((peer) => [peer, Array.from({ length: times }, () => sample(peer.program, peer.args, peer.cwd))]))
}

function row(name: string, samples: readonly Sample[], base: readonly Sample[], files?: string): string {
  const of = (list: readonly Sample[], key: keyof Sample): number => median(list.map((entry) => entry[key]))
  const [wall, cpu] = [of(samples, 'wallMs'), of(samples, 'cpuMs')]
  const ratios = `${(wall / of(base, 'wallMs')).toFixed(2)} x oxlint's wall, ${(cpu / of(base, 'cpuMs')).toFixed(2)} x its cpu`
  const numbers = `wall ${wall.toFixed(0).padStart(7)} ms  cpu ${cpu.toFixed(0).padStart(7)} ms  rss ${of(samples, 'rssMb').toFixed(0).padStart(5)} MB`
  return `${name.padEnd(20)} ${numbers}  ${ratios}${files === undefined ? '' : `  (${files})`}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
