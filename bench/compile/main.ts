/** `npm run bench:compile -- --rounds N`: our compile beside rulesync on the same content, medians of fresh runs. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, homedir, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeWorkspace } from './make-workspace.ts'

const { values: given } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Math.max(1, Number(given.rounds))
const rulesyncVersion = '17.0.0'

interface Row {
  readonly what: string
  readonly ms: number
  readonly note: string
}

const base = await mkdtemp(join(tmpdir(), 'cox-bench-compile-'))
try {
  const source = join(base, 'source')
  await mkdir(source)
  await makeWorkspace(source)
  const rows = [
    ...(await ownRows(source, 'agents')),
    ...(await ownRows(source, 'agents, claude, cursor, copilot')),
    ...(await rulesyncRows(source)),
  ]
  console.log(
    `1,000 constraints × 750 packages, medians of ${rounds} rounds; load average ${(loadavg()[0] ?? 0).toFixed(1)} on ${cpus().length} cores\n`,
  )
  for (const row of rows) console.log(`${row.what.padEnd(64)} ${String(Math.round(row.ms)).padStart(6)} ms  ${row.note}`)
} finally {
  await rm(base, { recursive: true, force: true })
}

async function ownRows(source: string, targets: string): Promise<Row[]> {
  const cold: number[] = []
  const coldWhole: number[] = []
  const warm: number[] = []
  const command: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    console.error(`coxswain, ${targets}: round ${round + 1} of ${rounds}`)
    const root = copyOf(source, `own-${targets.replaceAll(/\W+/g, '-')}-${round}`)
    await writeFile(join(root, 'harness/compile.yaml'), `targets: [${targets}]\n`)
    coldWhole.push(timed(() => cold.push(...runOwn(root, 0))))
    warm.push(...runOwn(root, 6).slice(2))
    command.push(...(await commandWalls(root)))
    await rm(root, { recursive: true, force: true })
  }
  return [
    {
      what: `coxswain, cold, every file written (${targets})`,
      ms: median(cold),
      note: `best ${Math.round(Math.min(...cold))} ms; ${Math.round(median(coldWhole))} ms with process start`,
    },
    { what: `coxswain, warm, in one process (${targets})`, ms: median(warm), note: `best ${Math.round(Math.min(...warm))} ms` },
    {
      what: `coxswain, warm, the whole command (${targets})`,
      ms: median(command),
      note: `best ${Math.round(Math.min(...command))} ms`,
    },
  ]
}

/** As a user meets it: `cox compile` again and again, process start and all. The first one remembers that all is settled. */
async function commandWalls(root: string): Promise<number[]> {
  const cox = join(import.meta.dirname, '../../cox')
  const env = { ...process.env, XDG_CACHE_HOME: join(root, '.git/cache') }
  const once = (): number => timed(() => execFileSync(cox, ['compile', '-C', root], { env }))
  once()
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  once()
  return [once(), once(), once()]
}

function runOwn(root: string, again: number): number[] {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'compile-once.ts'), root, String(again)], {
    encoding: 'utf8',
  })
  const walls: unknown = JSON.parse(output)
  return Array.isArray(walls) ? walls.map(Number) : []
}

/** Installed once outside the repository; without it the table says so. */
async function rulesyncRows(source: string): Promise<Row[]> {
  const program = installRulesync()
  if (program === null) return [{ what: 'rulesync', ms: Number.NaN, note: 'could not be installed' }]
  const rows: Row[] = []
  for (const targets of ['agentsmd', 'agentsmd,claudecode,cursor,copilot']) {
    const walls: number[] = []
    let note = ''
    for (let round = 0; round < rounds; round += 1) {
      console.error(`rulesync, ${targets}: round ${round + 1} of ${rounds}`)
      const root = copyOf(source, `rulesync-${round}`)
      walls.push(
        timed(() => {
          const run = spawnSync(process.execPath, [program, 'generate', '--targets', targets, '--features', 'rules'], {
            cwd: root,
            encoding: 'utf8',
          })
          note =
            run.status === 0
              ? 'with process start'
              : `ended with ${run.status ?? 0}: ${run.stderr.trim().split('\n').at(-1) ?? ''}`
        }),
      )
      await rm(root, { recursive: true, force: true })
    }
    rows.push({ what: `rulesync ${rulesyncVersion}, cold (${targets})`, ms: median(walls), note })
  }
  return rows
}

function installRulesync(): string | null {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'coxswain/bench', `rulesync-${rulesyncVersion}`)
  const program = join(folder, 'node_modules/rulesync/dist/cli/index.js')
  if (!existsSync(program))
    spawnSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, `rulesync@${rulesyncVersion}`],
      { stdio: 'ignore' },
    )
  return existsSync(program) ? program : null
}

function copyOf(source: string, name: string): string {
  const root = join(base, name)
  execFileSync('cp', ['-a', source, root])
  return root
}

function timed(run: () => unknown): number {
  const startedAt = performance.now()
  run()
  return performance.now() - startedAt
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
