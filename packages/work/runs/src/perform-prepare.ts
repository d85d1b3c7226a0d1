import { commitTree, tipOf, treeOf } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { EffectContext } from './effect-context.ts'
import { judgeBase } from './judge-base.ts'
import { isSetUpFailure } from './judge-tree.ts'
import type { Effect } from './run-progress.ts'
import type { UntimedOutcome } from './services.ts'
import { bringBranchTo } from './run-branch.ts'
import { judgedByCommit } from './run-harness.ts'
import { targetOf } from './target.ts'
import { commitMessage } from './commit-message.ts'
import { placeWork } from './standing-worktree.ts'

/** Puts the run's worktree on its branch, with the work so far or a given tree, and sets it up if it is not. `known`: the harness of a base that stays. */
export async function performPrepare(
  effect: Extract<Effect, { kind: 'prepare' }>,
  given: EffectContext,
  known: string | null,
): Promise<UntimedOutcome> {
  const tip = effect.base === null ? await requireTip(given) : null
  const base = tip?.commit ?? effect.base ?? ''
  const { context, harness } = known === null ? await judgedByCommit(base, given) : { context: given, harness: known }
  const { services, record } = context
  const { git } = services.repository
  const head =
    effect.tree === null
      ? workSoFar(context, base)
      : await commitTree(git, {
          tree: effect.tree,
          parents: [base],
          message: commitMessage(record, services.config.landing.message),
          at: Math.floor(record.run.createdAt / 1000),
        })
  const tree = head === tip?.commit ? tip.tree : await treeOf(git, head)
  const red = effect.base === null ? await judgeBase(context, { commit: base, tree: tip?.tree ?? tree }) : undefined
  if (red != null && isSetUpFailure(red)) return { kind: 'setup-failed', excerpt: red.excerpt }
  // Where nobody is going to work, nothing is set up for it.
  if (red != null && record.progress.acceptsRedBase !== true) return { kind: 'prepared', base, head, tree, red }
  const worktree = await services.pool.acquire(record.run.id)
  await bringBranchTo(context, head, worktree.git)
  const failure = await placeWork(worktree, { commit: head, tree, base }, context)
  if (failure !== null) return { kind: 'setup-failed', excerpt: failure }
  return { kind: 'prepared', base, head, tree, harness, ...(red === undefined ? {} : { red }) }
}

function workSoFar({ record }: EffectContext, base: string): string {
  return record.progress.base === base && record.progress.head !== null ? record.progress.head : base
}

async function requireTip({ services, record }: EffectContext): Promise<{ readonly commit: string; readonly tree: string }> {
  const target = targetOf(record.run, services)
  const tip = await tipOf(services.repository.git, target)
  if (tip === null)
    throw new CoxError('BRANCH_MISSING', `The branch "${target}", on which this run lands, is gone`, {
      hint: `Restore it (git branch ${target} <commit>), or start the task anew where another branch is checked out.`,
    })
  return tip
}
