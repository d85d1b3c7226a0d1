/** `npm run bench:worktree`: a worktree of a workspace of 750 packages, from the warm pool and from bare git; then what clean gates cost there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import {
  openRepository,
  readEnvironment,
  detachAt,
  resolveCommit,
  runCommand,
  type Repository,
} from '../../packages/base/host/src/index.ts'
import { clearSpecialFiles } from '../../packages/base/sandbox/src/index.ts'
import { openWorktreePool } from '../../packages/work/runs/src/index.ts'
import { measureCleanGates } from './clean-gates.ts'

const { values: flags } = parseArgs({
  options: {
    /** A git repository with a commit, instead of a generated one. */
    workspace: { type: 'string' },
    rounds: { type: 'string', default: '9' },
  },
})
const rounds = Number(flags.rounds)
const dir = await mkdtemp(join(tmpdir(), 'cox-bench-worktree-'))
const repository = await openRepository(flags.workspace ?? (await generate(join(dir, 'workspace'))))
try {
  const head = await resolveCommit(repository.git, 'HEAD')
  if (head === null) throw new Error('the workspace has no commit')
  const edited = await commitOnTop(repository, head)
  const bare: number[] = []
  const cold: number[] = []
  const warm: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
    const plain = ['git', '-C', repository.root, 'worktree', 'add', '--quiet', '--detach', join(dir, `bare-${round}`), head]
    bare.push(await timeOf(() => perform(plain)))
    await repository.git.run(['worktree', 'remove', '--force', join(dir, `bare-${round}`)])
    const pool = openWorktreePool(repository, join(dir, `pool-${round}`), clearSpecialFiles)
    const ready = async (owner: string, commit: string): Promise<void> => detachAt((await pool.acquire(owner)).git, commit)
    cold.push(await timeOf(() => ready(`c${round}`, head)))
    await pool.release(`c${round}`)
    // The next run starts from a tip that has moved by a small change.
    warm.push(await timeOf(() => ready(`w${round}`, edited)))
    await pool.release(`w${round}`)
    await pool.removeFree()
  }
  const base = median(bare)
  const line = (what: string, times: readonly number[], goal = ''): string =>
    `${what.padEnd(44)} ${median(times).toFixed(0).padStart(6)} ms  ${(median(times) / base).toFixed(2)} times  ${goal}`
  const files = (await repository.git.run(['ls-files'])).split('\n').length
  process.stdout.write(
    `${[`${files} files, medians of ${rounds}`, line('git worktree add', bare), line('ready from an empty pool', cold), line('ready from a warm pool', warm, 'goal <= 2')].join('\n')}\n`,
  )
  process.stdout.write(`${await measureCleanGates(repository.root, rounds)}\n`)
} finally {
  await rm(dir, { recursive: true, force: true })
  if (flags.workspace !== undefined) await repository.git.attempt(['worktree', 'prune'])
}

/** @throws Error when the generator is not there */
async function generate(root: string): Promise<string> {
  const generator = process.env['COX_CORPUS'] ?? join(import.meta.dirname, '../../../shared/corpus/workspace-gen.mjs')
  const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid']
  for (const command of [
    [process.execPath, generator, '--out', root],
    ['git', 'init', '--quiet', '-b', 'main', root],
    ['git', '-C', root, 'add', '--all'],
    ['git', '-C', root, ...identity, 'commit', '--quiet', '-m', 'first'],
  ])
    await perform(command)
  return root
}

async function perform(command: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand({ command, cwd: dir, env: readEnvironment() })
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
}

/** One more line in one file. */
async function commitOnTop({ git }: Repository, head: string): Promise<string> {
  const file =
    (await git.run(['ls-tree', '--name-only', head])).split('\n').find((name) => name.endsWith('.json')) ?? 'package.json'
  const content = `${(await git.run(['show', `${head}:${file}`])).trimEnd()}\n\n`
  const blob = await git.run(['hash-object', '-w', '--stdin'], { stdin: content })
  const index = join(dir, 'index')
  const env = { GIT_INDEX_FILE: index }
  await git.run(['read-tree', head], { env })
  await git.run(['update-index', '--cacheinfo', `100644,${blob},${file}`], { env })
  const tree = await git.run(['write-tree'], { env })
  return git.run(['commit-tree', tree, '-p', head, '-m', 'one line'])
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
