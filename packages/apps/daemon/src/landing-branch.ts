import { hasBranch, headBranch, openGit, openRepository, type Git, type Repository } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'

/**
 * Where work lands: the configured branch, else the one that is checked out in a working tree of the repository, by default the main one.
 * @throws CoxError NO_COMMITS, HEAD_DETACHED, BRANCH_MISSING, BRANCH_UNREADABLE, NOT_A_REPOSITORY
 */
export async function landingBranch(
  repository: Repository,
  config: Pick<HarnessConfig, 'branch'>,
  checkout: string | null = null,
): Promise<string> {
  const branch = config.branch ?? (await checkedOutBranch(repository, checkout))
  if (await hasBranch(repository.git, branch)) return branch
  if (config.branch === null)
    throw new CoxError('NO_COMMITS', `${repository.root} has no commit yet`, {
      hint: 'Make a first commit: agents work on top of it.',
    })
  throw new CoxError('BRANCH_MISSING', `The landing branch "${branch}" of harness/harness.yaml does not exist`, {
    hint: 'Create it, or correct `branch`.',
  })
}

async function checkedOutBranch(repository: Repository, checkout: string | null): Promise<string> {
  const git = checkout === null ? repository.git : await requireCheckout(repository, checkout)
  const branch = await headBranch(git)
  if (branch?.includes('\uFFFD'))
    throw new CoxError('BRANCH_UNREADABLE', `The name of the branch that is checked out in ${git.cwd} is no UTF-8`, {
      hint: 'Give it another: git branch -m NAME',
    })
  if (branch !== null) return branch
  throw new CoxError('HEAD_DETACHED', `${git.cwd} is on no branch, so there is nowhere to land`, {
    hint: 'Check a branch out, or set `branch` in harness/harness.yaml.',
  })
}

async function requireCheckout(repository: Repository, checkout: string): Promise<Git> {
  const around = await openRepository(checkout)
  if (around.gitDir === repository.gitDir) return openGit(checkout)
  throw new CoxError('NOT_A_REPOSITORY', `${checkout} is no working tree of ${repository.root}`, {
    hint: 'Run the command in a working tree of the repository, or name one with -C DIR.',
  })
}
