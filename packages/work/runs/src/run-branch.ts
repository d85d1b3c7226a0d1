import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, compareAndSwapRef, resolveCommit, type Git } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import { checkoutsOf, moveBranch, wasAtHead } from './branch-places.ts'
import type { EffectContext } from './effect-context.ts'
import type { RunServices } from './services.ts'

/*
 * A run's branch is moved only from where this run left it. What it was brought to is written down before it moves, because a crash may
 * come in between: all else that stands there is another's, and stays.
 */

/** Makes the branch stand at a commit. @throws CoxError RUN_BRANCH_MOVED, RUN_BRANCH_IN_USE */
export async function bringBranchTo(context: EffectContext, commit: string, worktree: Git): Promise<void> {
  const refused = await moveIfOurs(context, { commit, worktree, isAgentsToo: false })
  if (refused !== null) throw refused
}

/** The work of a turn: where the branch is no longer ours to move, a ref of its own keeps it. A word for the person then. */
export async function keepWork(context: EffectContext, commit: string, worktree: Git): Promise<string | null> {
  const { services, record } = context
  const refused = await moveIfOurs(context, { commit, worktree, isAgentsToo: true })
  if (refused === null) return null
  const reason = 'coxswain: work of a turn'
  await moveBranch(services.repository.git, `${keptFolder}/${record.run.id}`, { to: commit, known: () => true, reason })
  return `${refused.message}; the work of this turn is kept on ${keptFolder}/${record.run.id}`
}

const keptFolder = 'coxswain-kept'

/** Before work lands: commits that a person put on top of it would be left behind. @throws CoxError RUN_BRANCH_MOVED */
export async function requireUnmoved({ services, record }: EffectContext): Promise<void> {
  const tip = await resolveCommit(services.repository.git, `refs/heads/${record.run.branch}`)
  if (tip !== null && !(await isKnown({ services, record }, tip))) throw movedBranch(record.run.branch, tip)
}

/** A branch whose work landed goes by itself, where it stands as it landed and nobody looks at it. */
export async function removeLanded(id: RunId, head: string, services: RunServices): Promise<void> {
  const { git, gitDir } = services.repository
  const { run } = await services.journal.load(id)
  const ref = `refs/heads/${run.branch}`
  if (run.landed === null || (await resolveCommit(git, ref)) !== head || checkoutsOf(run.branch, gitDir, '').length > 0) return
  const harness = await services.harnesses.read(await services.harnesses.find(run.landed))
  if (!harness.landing.keepBranches) await compareAndSwapRef(git, ref, { from: head, to: null, reason: 'coxswain: landed' })
}

interface Move {
  readonly commit: string
  readonly worktree: Git
  /** The agent may have committed on it in the run's own worktree: all of that is in the tree. */
  readonly isAgentsToo: boolean
}

async function moveIfOurs(context: EffectContext, { commit, worktree, isAgentsToo }: Move): Promise<CoxError | null> {
  const { services, record } = context
  const { branch } = record.run
  const { own } = worktree.folders()
  const [elsewhere] = checkoutsOf(branch, services.repository.gitDir, own)
  const tip = await resolveCommit(services.repository.git, `refs/heads/${branch}`)
  if (tip === commit) return null
  if (elsewhere !== undefined) return usedBranch(branch, elsewhere)
  const written = await readHeads(context)
  const known = new Set([record.progress.head, record.progress.base, ...written])
  await writeHeads(context, [commit, ...written])
  const moved = await moveBranch(services.repository.git, branch, {
    to: commit,
    known: (at) => at === null || known.has(at) || (isAgentsToo && wasAtHead(own, at)),
    reason: `coxswain: ${record.run.id}`,
  })
  return moved.kind === 'moved' ? null : movedBranch(branch, moved.tip)
}

async function isKnown(context: Pick<EffectContext, 'services' | 'record'>, tip: string): Promise<boolean> {
  const { head, base } = context.record.progress
  return tip === head || tip === base || (await readHeads(context)).includes(tip)
}

function movedBranch(branch: string, tip: string): CoxError {
  return new CoxError('RUN_BRANCH_MOVED', `The branch ${branch} stands at ${tip.slice(0, 10)}, which this run did not make`, {
    hint: `Nothing was moved: give what stands there a name of its own (git branch -m ${branch} my-work).`,
  })
}

function usedBranch(branch: string, folder: string): CoxError {
  return new CoxError('RUN_BRANCH_IN_USE', `The branch ${branch} is checked out in ${folder}`, {
    hint: 'Nothing was moved: check another branch out there.',
  })
}

const mostHeads = 20
const version = 'branch heads 1'

/** Where the branch was brought to, the newest first; none where the state folder is another one. */
async function readHeads(context: Pick<EffectContext, 'services' | 'record'>): Promise<readonly string[]> {
  const text = await readFile(fileOf(context), 'utf8').catch(() => '')
  const [head, ...lines] = text.split('\n')
  return head === version ? lines.filter((line) => /^[0-9a-f]{40,64}$/.test(line)) : []
}

async function writeHeads(context: Pick<EffectContext, 'services' | 'record'>, heads: readonly string[]): Promise<void> {
  await mkdir(join(context.services.runsDir, context.record.run.id), { recursive: true })
  await atomicWrite(fileOf(context), [version, ...new Set(heads)].slice(0, mostHeads + 1).join('\n') + '\n')
}

function fileOf({ services, record }: Pick<EffectContext, 'services' | 'record'>): string {
  return join(services.runsDir, record.run.id, 'branch-heads')
}
