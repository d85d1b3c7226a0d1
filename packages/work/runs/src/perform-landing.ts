import { existsSync } from 'node:fs'
import { resetTo } from '@coxswain/host'
import { checkTree, gatesDir } from './perform-check.ts'
import { commitMessage } from './commit-message.ts'
import type { EffectContext } from './effect-context.ts'
import type { UntimedOutcome } from './services.ts'
import { standingWorktree } from './standing-worktree.ts'

/** Hands the run's commit to the landing lane, with the gates to judge a merged tree by. */
export async function performLanding(context: EffectContext): Promise<UntimedOutcome> {
  const { services, record } = context
  const { base, head } = record.progress
  if (base === null || head === null) throw new Error('a run lands after a turn')
  return services.land({
    run: record.run.id,
    base,
    head,
    message: commitMessage(record),
    signal: AbortSignal.any([context.interrupt, context.shutdown]),
    check: async (tree, commit) => {
      const worktree = await standingWorktree(context)
      // Gates that an earlier life of ours started run in this very tree: they are joined, not disturbed.
      if (!existsSync(gatesDir(context, tree))) await resetTo(worktree.git, record.run.branch, commit)
      try {
        return await checkTree(context, { path: worktree.path, tree })
      } finally {
        if (!context.shutdown.aborted) await resetTo(worktree.git, record.run.branch, head)
      }
    },
  })
}
