import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { addWorktree, removeWorktree, runCommand } from '@coxswain/host'
import type { Backlog } from './backlog.ts'
import type { Invariant } from './check-machine.ts'
import type { World } from './open-world.ts'

/** What stands in git: each task once, every landing green, nothing left over. */
export async function checkRepository(world: World, backlog: Backlog, workers = 1): Promise<Invariant[]> {
  return [
    await landedTwice(world),
    await workMissing(world, backlog),
    await redCommits(world),
    await worktreesLeaked(world, workers),
    await locksLeft(world),
    await checkoutBehind(world),
  ]
}

async function landedTwice({ repository }: World): Promise<Invariant> {
  const listed = await repository.git.run([
    'log',
    '--first-parent',
    '--format=%(trailers:key=Coxswain-Run,valueonly,separator=%x2C)',
    'main',
  ])
  const runs = listed.split('\n').filter((line) => line !== '')
  return { name: 'landed twice', broken: [...new Set(runs.filter((run, index) => runs.indexOf(run) !== index))] }
}

async function workMissing({ repository }: World, { items }: Backlog): Promise<Invariant> {
  const shared = (await repository.git.run(['show', 'main:shared.txt'])).split('\n')
  const broken: string[] = []
  for (const { key, file, line } of items) {
    if (line !== null && shared.filter((each) => each === line).length !== 1) broken.push(`${key}: "${line}" is not there once`)
    if (file === null) continue
    const found = await repository.git.attempt(['show', `main:${file.path}`])
    if (found.stdout !== file.content) broken.push(`${key}: ${file.path} is ${found.exitCode === 0 ? 'wrong' : 'missing'}`)
  }
  return { name: 'work missing on main', broken }
}

async function redCommits(world: World): Promise<Invariant> {
  const { git } = world.repository
  const place = join(world.dir, 'proof')
  const commits = (await git.run(['rev-list', '--first-parent', '--reverse', 'main'])).split('\n')
  const broken: string[] = []
  await addWorktree(git, place, commits[0] ?? 'main')
  for (const commit of commits) {
    await runCommand({ command: ['git', 'checkout', '-q', '--force', '--detach', commit], cwd: place, env: world.environment })
    const gate = await runCommand({
      command: [process.execPath, 'gates/words.mjs', 'tree-only'],
      cwd: place,
      env: world.environment,
    })
    if (gate.exitCode !== 0) broken.push(`${commit.slice(0, 10)}: ${gate.stderr.trim()}`)
  }
  await removeWorktree(git, place)
  return { name: `red commits on main (of ${commits.length})`, broken }
}

/**
 * Slots of the pool and the trees that set-up has filled stay for the next run, on no branch and in nobody's hands. A run that lands keeps its slot and leaves
 * its place, so that there may be as many slots as runs are begun (RUN-26).
 */
async function worktreesLeaked({ repository, folder }: World, workers: number): Promise<Invariant> {
  const listed = (await repository.git.run(['worktree', 'list', '--porcelain'])).split('\n\n').slice(1)
  const isSlot = (entry: string): boolean =>
    entry.includes(`worktree ${folder.worktrees}/w`) && entry.includes('\ndetached') && !entry.includes('\nprunable')
  const isPristine = (entry: string): boolean =>
    entry.includes(`worktree ${folder.root}/pristine/`) && entry.includes('\ndetached')
  const broken = listed.filter((entry) => !isSlot(entry) && !isPristine(entry)).map((entry) => entry.replaceAll('\n', ' '))
  const slots = listed.filter(isSlot).length
  const most = concurrency * begunPerPlace * workers
  if (slots > most) broken.push(`${slots} slots for ${most} runs that are begun at a time`)
  const held = (await readdir(folder.worktrees)).filter((name) => name.endsWith('.lease'))
  broken.push(...held.map((name) => `${name} is held although all runs are at rest`))
  return { name: 'worktrees leaked', broken }
}

/** Of the fixture's harness.yaml. */
const concurrency = 6
const begunPerPlace = 3

async function locksLeft({ repository }: World): Promise<Invariant> {
  const names = await readdir(repository.gitDir, { recursive: true })
  return { name: 'git locks left', broken: names.filter((name) => name.endsWith('.lock')) }
}

async function checkoutBehind({ repository }: World): Promise<Invariant> {
  const status = await repository.git.run(['status', '--porcelain'])
  return { name: 'files behind main in the checkout', broken: status === '' ? [] : status.split('\n') }
}
