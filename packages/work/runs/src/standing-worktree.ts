import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { resetTo, treeOf } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { EffectContext } from './effect-context.ts'
import { judgeRequest, type JudgedTree } from './judge-tree.ts'
import type { Worktree } from './worktree-pool.ts'

/**
 * The run's working tree as its last step left it. Where the slot is new to the run (on another host, or because its folder was lost)
 * it is made again from the last commit: what stands there belongs to somebody else. @throws CoxError SETUP_FAILED
 */
export async function standingWorktree(context: EffectContext): Promise<Worktree> {
  const { services, record } = context
  const { run, progress } = record
  const worktree = await services.pool.acquire(run.id)
  if (!worktree.isFresh) return worktree
  const commit = progress.head ?? progress.base
  if (commit === null) throw new Error('a run has a commit once it is prepared')
  const tree = await treeOf(services.repository.git, commit)
  const failure = await placeWork(worktree, { commit, tree, base: progress.base ?? commit }, context)
  if (failure === null) return worktree
  throw new CoxError('SETUP_FAILED', `A worktree of ${run.id} could not be set up: ${failure}`, {
    hint: 'Correct `setup` in harness/harness.yaml.',
  })
}

/** Puts the work so far into the run's worktree, with what set-up makes and nothing else. Null, or why set-up failed. */
export async function placeWork(worktree: Worktree, work: JudgedTree, context: EffectContext): Promise<string | null> {
  const request = { ...judgeRequest(context, work), dir: context.dir, git: worktree.git, record: worktree.record }
  // A set-up that an earlier life of ours started in this very tree is joined, not disturbed.
  if (!existsSync(join(context.dir, 'setup'))) await resetTo(worktree.git, context.record.run.branch, work.commit)
  return context.services.gates.readyWorktree(request)
}

/** Where the main checkout keeps the repositories of its submodules. */
export function modulesOf({ services }: Pick<EffectContext, 'services'>): string {
  return join(services.repository.gitDir, 'modules')
}
