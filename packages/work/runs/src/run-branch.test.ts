import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { addWorktree, attachHead, commitTree, openGit, openRepository, resolveCommit } from '@coxswain/host'
import { HarnessConfig, type RunId } from '@coxswain/model'
import { expect, test } from 'vitest'
import type { EffectContext } from './effect-context.ts'
import { bringBranchTo, keepWork, removeLanded, requireUnmoved } from './run-branch.ts'
import { createSampleRepository } from './testing/sample-repository.ts'

/** A run `r1` on `cox/r1`, whose worktree stands at the base. */
async function openRun() {
  const sample = await createSampleRepository()
  await sample.write('a.txt', 'a\n')
  const base = await sample.commit()
  const repository = await openRepository(sample.root)
  const folder = join(sample.root, '.git/cox-test/w1')
  await mkdir(join(sample.root, '.git/cox-test'))
  await addWorktree(repository.git, folder, base)
  const worktree = openGit(folder)
  const progress: { base: string | null; head: string | null } = { base: null, head: null }
  const context = {
    services: { repository, runsDir: join(sample.root, '.git/cox-test/runs') },
    record: { run: { id: 'r1', branch: 'cox/r1' }, progress },
  } as unknown as EffectContext
  const tip = (branch = 'cox/r1'): Promise<string | null> => resolveCommit(repository.git, `refs/heads/${branch}`)
  let made = 0
  const work = (parent = base): Promise<string> =>
    commitTree(repository.git, { tree: `${base}^{tree}`, parents: [parent], message: 'work', at: 1_000_000_000 + made++ })
  return { sample, base, repository, worktree, progress, context, tip, work, [Symbol.asyncDispose]: sample[Symbol.asyncDispose] }
}

test('a branch is made where there is none, and follows the run, also over a crash between it and what is recorded', async () => {
  await using run = await openRun()
  await bringBranchTo(run.context, run.base, run.worktree)
  expect(await run.tip()).toBe(run.base)
  const [first, second] = [await run.work(), await run.work()]
  // The first was written, and not recorded.
  expect(await keepWork(run.context, first, run.worktree)).toBeNull()
  expect(await keepWork(run.context, second, run.worktree)).toBeNull()
  expect(await run.tip()).toBe(second)
  await requireUnmoved(run.context)
  // A rework begins at the base, whatever was recorded before.
  await bringBranchTo(run.context, run.base, run.worktree)
  expect(await run.tip()).toBe(run.base)
})

test('what stands at its place already is never moved', async () => {
  await using run = await openRun()
  const mine = await run.work()
  await run.repository.git.run(['branch', 'cox/r1', mine])
  await expect(bringBranchTo(run.context, run.base, run.worktree)).rejects.toMatchObject({ code: 'RUN_BRANCH_MOVED' })
  expect(await run.tip()).toBe(mine)
})

test('where a person went on from it, the work of the turn is kept beside theirs, and nothing lands', async () => {
  await using run = await openRun()
  await bringBranchTo(run.context, run.base, run.worktree)
  const mine = await run.work()
  await run.repository.git.run(['branch', '-f', 'cox/r1', mine])
  const work = await run.work()
  expect(await keepWork(run.context, work, run.worktree)).toBe(
    `The branch cox/r1 stands at ${mine.slice(0, 10)}, which this run did not make; the work of this turn is kept on coxswain-kept/r1`,
  )
  expect([await run.tip(), await run.tip('coxswain-kept/r1')]).toEqual([mine, work])
  run.progress.head = work
  await expect(requireUnmoved(run.context)).rejects.toMatchObject({ code: 'RUN_BRANCH_MOVED' })
  await run.repository.git.run(['branch', '-m', 'cox/r1', 'mine'])
  await requireUnmoved(run.context)
  await bringBranchTo(run.context, work, run.worktree)
  expect([await run.tip(), await run.tip('mine')]).toEqual([work, mine])
})

test('what the agent committed on it in the run’s own worktree is no reason to stop', async () => {
  await using run = await openRun()
  await bringBranchTo(run.context, run.base, run.worktree)
  const own = run.worktree
  await attachHead(own, 'cox/r1')
  await own.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'by the agent'])
  const work = await run.work()
  expect(await keepWork(run.context, work, run.worktree)).toBeNull()
  expect(await run.tip()).toBe(work)
})

test('a checkout of a person does not lose the ground under it', async () => {
  await using run = await openRun()
  await bringBranchTo(run.context, run.base, run.worktree)
  const mine = join(run.sample.root, '.git/cox-test/mine')
  await run.repository.git.run(['worktree', 'add', '--quiet', mine, 'cox/r1'])
  const work = await run.work()
  await expect(bringBranchTo(run.context, work, run.worktree)).rejects.toMatchObject({
    code: 'RUN_BRANCH_IN_USE',
    message: `The branch cox/r1 is checked out in ${mine}`,
  })
  expect(await keepWork(run.context, work, run.worktree)).toContain('is kept on coxswain-kept/r1')
  expect([await run.tip(), await openGit(mine).run(['status', '--porcelain'])]).toEqual([run.base, ''])
})

test('a branch goes once its work landed, where it stands as it landed and the harness does not keep it', async () => {
  await using run = await openRun()
  const { repository } = run
  const work = await run.work()
  const services = (keepBranches: boolean) =>
    ({
      repository,
      journal: { load: async () => ({ run: { branch: 'cox/r1', landed: work } }) },
      harnesses: { find: async () => '', read: async () => HarnessConfig.parse({ landing: { keepBranches } }) },
    }) as unknown as EffectContext['services']
  const id = 'r1' as RunId
  await repository.git.run(['branch', 'cox/r1', work])
  await removeLanded(id, work, services(true))
  await removeLanded(id, run.base, services(false))
  expect(await run.tip()).toBe(work)
  const mine = join(run.sample.root, '.git/cox-test/mine')
  await repository.git.run(['worktree', 'add', '--quiet', mine, 'cox/r1'])
  await removeLanded(id, work, services(false))
  expect(await run.tip()).toBe(work)
  await repository.git.run(['worktree', 'remove', '--force', mine])
  await removeLanded(id, work, services(false))
  await removeLanded(id, work, services(false))
  expect(await run.tip()).toBeNull()
})
