import { resetTo } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'
import { requireSetUp } from './set-up.ts'
import type { Worktree } from './worktree-pool.ts'

/**
 * The run's working tree as its last step left it. Where the slot is new to the run (on another host, or because its folder was lost)
 * it is made again from the last commit: what stands there belongs to somebody else. @throws CoxError SETUP_FAILED
 */
export async function standingWorktree(context: EffectContext): Promise<Worktree> {
  const { run, progress } = context.record
  const worktree = await context.services.pool.acquire(run.id)
  if (!worktree.isFresh) return worktree
  const commit = progress.head ?? progress.base
  if (commit === null) throw new Error('a run has a commit once it is prepared')
  await resetTo(worktree.git, run.branch, commit)
  await requireSetUp(worktree, context)
  return worktree
}
