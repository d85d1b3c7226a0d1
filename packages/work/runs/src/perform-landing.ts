import { treeOf } from '@coxswain/host'
import { judgeTree } from './judge-tree.ts'
import { mendedRule } from './mended-rule.ts'
import { commitMessage } from './commit-message.ts'
import type { EffectContext } from './effect-context.ts'
import { judgeBase } from './judge-base.ts'
import type { LandOutcome, UntimedOutcome } from './services.ts'
import { requireUnmoved } from './run-branch.ts'
import { judgedByCommit } from './run-harness.ts'
import { targetOf } from './target.ts'

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
    message: commitMessage(record, services.config.landing.message),
    touchesBaseline: mendedRule(record.task) !== null,
    signal: AbortSignal.any([context.interrupt, context.shutdown]),
    check: async (tree, commit, main) => {
      // The branch is kept green as its own harness says, also where the run began with another.
      const { context: own } = await judgedByCommit(main, context)
      return judgeTree(own, { tree, commit, base: main })
    },
  })
  if (landing.kind === 'landed') {
    if (services.config.cache.length > 0) await services.gates.landed(await treeOf(services.repository.git, landing.commit))
    return { ...landing, unheard: context.control.pendingMessages() }
  }
  return (await redBranch(landing, context)) ?? landing
}

/** Before a change goes back to its author: a branch that is red without it is nothing the author could mend. */
async function redBranch(landing: LandOutcome, given: EffectContext): Promise<UntimedOutcome | null> {
  if ((landing.kind !== 'red' && landing.kind !== 'conflict') || given.record.progress.acceptsRedBase === true) return null
  const commit = landing.main
  const { context } = await judgedByCommit(commit, given)
  const tree = await treeOf(context.services.repository.git, commit)
  const result = await judgeBase(context, { commit, tree })
  return result === null ? null : { kind: 'base-red', main: commit, result }
}
