import { headBranch, resolveCommit, type Repository } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'

/** Where work lands: the configured branch, else the one that is checked out. @throws CoxError NO_COMMITS, HEAD_DETACHED, BRANCH_MISSING */
export async function landingBranch(repository: Repository, config: HarnessConfig): Promise<string> {
  const branch = config.branch ?? (await checkedOutBranch(repository))
  if ((await resolveCommit(repository.git, `refs/heads/${branch}`)) !== null) return branch
  if (config.branch === null)
    throw new CoxError('NO_COMMITS', `${repository.root} has no commit yet`, {
      hint: 'Make a first commit: agents work on top of it.',
    })
  throw new CoxError('BRANCH_MISSING', `The landing branch "${branch}" of harness/harness.yaml does not exist`, {
    hint: 'Create it, or correct `branch`.',
  })
}

async function checkedOutBranch(repository: Repository): Promise<string> {
  const branch = await headBranch(repository.git)
  if (branch !== null) return branch
  throw new CoxError('HEAD_DETACHED', `${repository.root} is on no branch, so there is nowhere to land`, {
    hint: 'Check a branch out, or set `branch` in harness/harness.yaml.',
  })
}
