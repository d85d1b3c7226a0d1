import { CoxError } from '@coxswain/kernel'
import { resolveCommit } from './commits.ts'
import { gitFailed, type Git } from './open-git.ts'
import { withHooks, type RefHooks } from './signing.ts'

/** Stands in the repository itself: a holder whose lane went to another one cannot move a branch, however late its git comes. */
export interface Fence {
  readonly object: string
}

const ref = 'refs/coxswain/lane'
const form = /^coxswain lane ([0-9a-f-]{1,64}) (\d{1,15})$/

/** The last one that this process has raised: for one that holds the lane again it stands most often. */
const raised = new Map<string, string>()

/** Shuts out all holders of the lane with an earlier token. @throws CoxError LANE_LOST when a later one is there already */
export async function raiseFence(git: Git, { epoch, token }: { readonly epoch: string; readonly token: number }): Promise<Fence> {
  const text = `coxswain lane ${epoch} ${token}`
  const known = raised.get(`${git.cwd} ${text}`)
  if (known !== undefined) return { object: known }
  const object = (await git.run(['hash-object', '-w', '--stdin'], { stdin: text })).trim()
  for (let round = 0; round < mostRounds; round += 1) {
    const current = await git.attempt(['rev-parse', '--verify', '--quiet', ref])
    const from = current.exitCode === 0 ? current.stdout.trim() : ''
    if (from === object) break
    const before = from === '' ? null : form.exec((await git.attempt(['cat-file', 'blob', from])).stdout)
    if (before?.[1] === epoch && Number(before[2]) > token) throw laneLost()
    const moved = await git.attempt(['update-ref', ref, object, from === '' ? '0'.repeat(object.length) : from])
    if (moved.exitCode === 0) break
    if (round === mostRounds - 1) throw gitFailed(git.cwd, ['update-ref', ref], moved)
  }
  raised.clear()
  raised.set(`${git.cwd} ${text}`, object)
  return { object }
}

const mostRounds = 20

interface FencedMove {
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly fence: Fence
  /** Hooks that have a say; none by default. */
  readonly hooks?: RefHooks | null
}

/** Moves a branch where the fence stands as it was raised: both in one step. False when the branch was moved meanwhile. @throws CoxError LANE_LOST */
export async function moveBehindFence(
  git: Git,
  branch: string,
  { from, to, reason, fence, hooks }: FencedMove,
): Promise<boolean> {
  const { words, options } = withHooks(hooks ?? null)
  const args = [...words, 'update-ref', '-m', reason, '--create-reflog', '--stdin']
  const stdin = `verify ${ref} ${fence.object}\nupdate ${branch} ${to} ${from}\n`
  const result = await git.attempt(args, { ...options, stdin })
  if (result.exitCode === 0) return true
  const now = await git.attempt(['rev-parse', '--verify', '--quiet', ref])
  if (now.stdout.trim() !== fence.object) {
    raised.clear()
    throw laneLost()
  }
  if ((await resolveCommit(git, branch)) !== from) return false
  throw gitFailed(git.cwd, args, result)
}

function laneLost(): CoxError {
  return new CoxError('LANE_LOST', 'Another worker lands in this repository by now', {
    hint: 'Run the same step again; it takes the lane anew.',
  })
}
