import {
  advanceCheckout,
  commitsWithTrailer,
  commitTree,
  compareAndSwapRef,
  filesInTheWay,
  findCheckout,
  mergeCommits,
  moveBehindFence,
  refHooks,
  resolveCommit,
  signCommit,
  signsCommits,
  tipOf,
  treeOf,
  treeOfIndex,
  treeWithout,
  unifiedDiff,
  type Fence,
  type Git,
  type MergeResult,
  type Repository,
} from '@coxswain/host'
import { formatDuration, isCoxError, sleep, type Duration } from '@coxswain/kernel'
import type { GateResult } from '@coxswain/model'
import { isBaseline, mergeBaselines } from './merge-baselines.ts'
import { underWayOn, type UnderWay } from './under-way.ts'

export interface Change {
  readonly run: string
  /** The commit the change grows from, and the commit that holds it. */
  readonly base: string
  readonly head: string
  readonly message: string
  /** It takes lines out of `harness/baseline`; such files are merged as sets. */
  readonly touchesBaseline?: boolean
}

export interface LandingContext {
  readonly repository: Repository
  readonly branch: string
  /** Seconds since the epoch for the landing commit; the caller fixes it, so that a repeated step makes the same commit. */
  readonly at: number
  readonly signal: AbortSignal
  /** Judges a merged tree, which grows from `main`. Trees that passed before cost nothing. */
  check(tree: string, commit: string, main: string): Promise<readonly GateResult[]>
  /** Asked at the last moment before the branch moves: whether lane and run are still held. It throws where they are not. */
  confirm?(): Promise<void>
  /** Stands in the repository: without it nothing moves. */
  readonly fence?: Fence
  /** How long a hook that watches moves of refs may think. */
  readonly hookPatience?: Duration
}

export type Landing =
  /** `results` are of the merged tree; none when an earlier life of ours landed it. */
  | {
      readonly kind: 'landed'
      readonly commit: string
      readonly results: readonly GateResult[]
      /** Why it is not signed, where the repository signs its commits. */
      readonly unsigned?: string
    }
  | {
      readonly kind: 'conflict'
      readonly main: string
      readonly tree: string
      readonly paths: readonly string[]
      readonly ourDiff: string
      readonly theirDiff: string
    }
  | { readonly kind: 'red'; readonly main: string; readonly tree: string; readonly result: GateResult }
  | { readonly kind: 'main-dirty'; readonly paths: readonly string[]; readonly underWay?: UnderWay }
  /** The branch holds the change already, by whatever way. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'failed'; readonly outcome: 'harness-error'; readonly reason: string }

const maxRounds = 10

/**
 * Lands one change; the caller holds the lane. Read → plan → apply, from the branch's tip as it is now, again when it moved meanwhile.
 * Safe to repeat after a crash at any point: the trailer of a landed change is found on the branch.
 */
export async function landChange(change: Change, context: LandingContext): Promise<Landing> {
  const { repository, branch } = context
  for (let round = 0; round < maxRounds; round += 1) {
    context.signal.throwIfAborted()
    const tip = await tipOf(repository.git, branch)
    if (tip === null)
      return {
        kind: 'failed',
        outcome: 'harness-error',
        reason: `The branch "${branch}" is gone. Restore it, then approve again.`,
      }
    const lost = await lostCommit(change, repository)
    if (lost !== null)
      return {
        kind: 'failed',
        outcome: 'harness-error',
        reason: `The commit ${lost.slice(0, 10)} of this run is gone from the repository. Restore it, or rework the run.`,
      }
    const { commit: main, tree: mainTree } = tip
    const landedBefore = main === change.base ? null : await findLanded(change, main, context)
    if (landedBefore !== null) {
      await followCheckout(landedBefore.parent, landedBefore.commit, main, context)
      return { kind: 'landed', commit: landedBefore.commit, results: [] }
    }
    const landing = await landOn({ main, mainTree }, change, context)
    if (landing !== 'moved') return landing
  }
  return {
    kind: 'failed',
    outcome: 'harness-error',
    reason: `The branch "${branch}" moved ${maxRounds} times during this landing. Approve again when it is quieter.`,
  }
}

async function landOn(
  { main, mainTree }: { readonly main: string; readonly mainTree: string },
  change: Change,
  context: LandingContext,
): Promise<Landing | 'moved'> {
  const { git } = context.repository
  const merge = await mergeChange(git, change, main)
  if (merge.kind === 'conflict') return describeConflict(main, merge, change, context)
  if (merge.tree === mainTree) return { kind: 'nothing-left' }
  const commit = await commitTree(git, { tree: merge.tree, parents: [main], message: change.message, at: context.at })
  const results = await context.check(merge.tree, commit, main)
  const failed = results.find((result) => result.verdict !== 'passed')
  if (failed !== undefined) return { kind: 'red', main, tree: merge.tree, result: failed }
  context.signal.throwIfAborted()
  const signed = (await signsCommits(git)) ? await signCommit(git, commit) : null
  const final = signed?.kind === 'signed' ? signed.commit : commit
  const moved = await moveBranch(main, final, context)
  if (moved !== 'landed') return moved
  return { kind: 'landed', commit: final, results, ...(signed?.kind === 'unsigned' ? { unsigned: signed.why } : {}) }
}

/** A branch may be deleted and its commits collected, while the run waits. */
async function lostCommit({ head, base }: Change, { git }: Repository): Promise<string | null> {
  for (const commit of [head, base]) if ((await resolveCommit(git, commit)) === null) return commit
  return null
}

/** What the change makes of a tip of the branch. */
async function mergeChange(git: Git, change: Change, onto: string): Promise<MergeResult> {
  const sides = { base: change.base, ours: onto, theirs: change.head }
  const plain = await mergeCommits(git, sides)
  const hasBaseline = change.touchesBaseline === true || (plain.kind === 'conflict' && plain.paths.some(isBaseline))
  return hasBaseline ? mergeBaselines(git, plain, sides) : plain
}

async function describeConflict(
  main: string,
  { paths, tree }: Extract<MergeResult, { kind: 'conflict' }>,
  change: Change,
  { repository }: LandingContext,
): Promise<Landing> {
  const limit = 6_000
  const [ourDiff, theirDiff] = await Promise.all([
    unifiedDiff(repository.git, { from: change.base, to: change.head, paths }, limit),
    unifiedDiff(repository.git, { from: change.base, to: main, paths }, limit),
  ])
  return { kind: 'conflict', main, tree, paths, ourDiff, theirDiff }
}

type NotMoved = Extract<Landing, { kind: 'main-dirty' | 'failed' }>

const followMs = 300

/** The one place that moves the branch, with the person's own checkout behind it. */
async function moveBranch(main: string, commit: string, context: LandingContext): Promise<NotMoved | 'landed' | 'moved'> {
  const { repository, branch } = context
  const underWay = underWayOn(repository, branch)
  if (underWay !== null) return { kind: 'main-dirty', paths: [], underWay }
  const checkout = await findCheckout(repository.git, branch)
  let paths = checkout === null ? [] : await filesInTheWay(checkout, main, commit)
  if (checkout !== null && paths.length > 0) {
    // Somebody else's move of the branch may be on its way to the files.
    await sleep(followMs, context.signal)
    paths = await filesInTheWay(checkout, main, commit)
  }
  if (paths.length > 0) {
    const isMoved = (await resolveCommit(repository.git, `refs/heads/${branch}`)) !== main
    return isMoved ? 'moved' : { kind: 'main-dirty', paths }
  }
  await context.confirm?.()
  const { fence } = context
  const ref = `refs/heads/${branch}`
  const hooks = await refHooks(repository.git, repository.gitDir, context.hookPatience)
  const move = { from: main, to: commit, reason: 'coxswain: land', hooks }
  try {
    const moved = await (fence === undefined
      ? compareAndSwapRef(repository.git, ref, move)
      : moveBehindFence(repository.git, ref, { ...move, fence }))
    if (!moved) return 'moved'
  } catch (error) {
    if (hooks === null || !isCoxError(error, 'GIT_FAILED')) throw error
    const isSlow = error.data['timedOut'] === true
    const what = isSlow
      ? `did not answer in ${formatDuration(hooks.patience)} whether "${branch}" may move, and was ended. Make it faster.`
      : `refused to move "${branch}": ${error.message}`
    const reason = `The repository's hook ${hooks.folder}/reference-transaction ${what}`
    return { kind: 'failed', outcome: 'harness-error', reason }
  }
  if (checkout !== null) await advanceCheckout(checkout, main, commit)
  return 'landed'
}

/**
 * A landing of this run that an earlier life of ours made. The trailer alone proves nothing: another clone counts runs too, and a message is
 * written by anybody. The commit must hold what landing this very change on its parent makes.
 */
async function findLanded(
  change: Change,
  main: string,
  { repository: { git } }: LandingContext,
): Promise<{ commit: string; parent: string } | null> {
  const trailer = { key: 'Coxswain-Run', value: change.run }
  for (const found of await commitsWithTrailer(git, { from: change.base, to: main, ...trailer })) {
    const merge = await mergeChange(git, change, found.parent)
    if (merge.kind === 'clean' && merge.tree === (await treeOf(git, found.commit))) return found
  }
  return null
}

/** A crash between moving the branch and its checkout leaves the files behind by exactly this change, also when others landed since. */
async function followCheckout(
  parent: string,
  commit: string,
  main: string,
  { repository, branch }: LandingContext,
): Promise<void> {
  const checkout = await findCheckout(repository.git, branch)
  const index = checkout === null ? null : await treeOfIndex(checkout)
  if (checkout === null || index === null || index === (await treeOf(repository.git, main))) return
  const behind = await treeWithout(repository.git, { commit, parent, tip: main })
  if (index === behind) await advanceCheckout(checkout, behind, main)
}
