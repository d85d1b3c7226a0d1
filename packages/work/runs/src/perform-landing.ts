import { existsSync } from 'node:fs'
import { detachAt, treeOf } from '@coxswain/host'
import { checkTree, gatesDir } from './perform-check.ts'
import { mendedRule } from './mended-rule.ts'
import { commitMessage } from './commit-message.ts'
import type { EffectContext } from './effect-context.ts'
import { judgeBase } from './judge-base.ts'
import type { LandOutcome, UntimedOutcome } from './services.ts'
import { requireSetUp, setUpDir } from './set-up.ts'
import { requireUnmoved } from './run-branch.ts'
import { targetOf } from './target.ts'
import { standingWorktree } from './standing-worktree.ts'
import type { Worktree } from './worktree-pool.ts'

/** Hands the run's commit to the landing lane, with the gates to judge a merged tree by. */
export async function performLanding(context: EffectContext): Promise<UntimedOutcome> {
  const { services, record } = context
  const { base, head } = record.progress
  if (base === null || head === null) throw new Error('a run lands after a turn')
  await requireUnmoved(context)
  const landing = await services.land({
    run: record.run.id,
    base,
    head,
    target: targetOf(record.run, services),
    message: commitMessage(record),
    touchesBaseline: mendedRule(record.task) !== null,
    signal: AbortSignal.any([context.interrupt, context.shutdown]),
    check: async (tree, commit) => {
      const worktree = await standingWorktree(context)
      return checkTree(context, { path: worktree.path, tree, place: () => placeMerge(worktree, { tree, commit }, context) })
    },
  })
  if (landing.kind === 'landed') return { ...landing, unheard: context.control.pendingMessages() }
  return (await redBranch(landing, context)) ?? landing
}

/** Before a change goes back to its author: a branch that is red without it is nothing the author could mend. */
async function redBranch(landing: LandOutcome, context: EffectContext): Promise<UntimedOutcome | null> {
  if ((landing.kind !== 'red' && landing.kind !== 'conflict') || context.record.progress.acceptsRedBase === true) return null
  const commit = landing.main
  const tree = await treeOf(context.services.repository.git, commit)
  const result = await judgeBase(context, {
    commit,
    tree,
    judge: async (gates) => {
      const worktree = await standingWorktree(context)
      const place = (): Promise<void> => placeMerge(worktree, { tree, commit }, context)
      return checkTree(context, { path: worktree.path, tree, gates, place })
    },
  })
  return result === null ? null : { kind: 'base-red', main: commit, result }
}

/** On no branch: the run's own keeps its work, and the lane need not wait until the tree is put back. */
async function placeMerge(
  worktree: Worktree,
  merge: { readonly tree: string; readonly commit: string },
  context: EffectContext,
): Promise<void> {
  // What an earlier life of ours started works in this very tree: it is joined, not disturbed.
  if (existsSync(gatesDir(context, merge.tree))) return
  const isUnderWay = existsSync(setUpDir(context)) && (await treeOf(worktree.git, 'HEAD')) === merge.tree
  if (!isUnderWay) await detachAt(worktree.git, merge.commit)
  await requireSetUp(worktree, context)
}
