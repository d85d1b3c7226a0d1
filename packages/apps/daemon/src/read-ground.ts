import type { Repository } from '@coxswain/host'
import { CoxError, isCoxError } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { loadConfig } from '@coxswain/steering'
import { landingBranch } from './landing-branch.ts'

/** What work stands on. */
export interface Ground {
  readonly config: HarnessConfig
  readonly branch: string
  /** Why no work can be done here; what was done can be read all the same. */
  readonly problem: CoxError | null
  /** Why the main checkout gives new work nowhere to land: runs know where theirs does. */
  readonly branchProblem: CoxError | null
}

/** @throws CoxError HARNESS_MISSING; CONFIG_*, NO_COMMITS, HEAD_DETACHED, BRANCH_MISSING unless it is lenient */
export async function readGround(repository: Repository, { isLenient }: { readonly isLenient: boolean }): Promise<Ground> {
  const [config, problem] = await orElse(requireConfig(repository), HarnessConfig.parse({}), isLenient)
  const [branch, branchProblem] = await orElse(landingBranch(repository, config), config.branch ?? 'HEAD', isLenient)
  return { config, branch, problem, branchProblem }
}

async function orElse<T>(read: Promise<T>, otherwise: T, isLenient: boolean): Promise<[T, CoxError | null]> {
  try {
    return [await read, null]
  } catch (error) {
    if (!isLenient || !isCoxError(error) || error.code === 'HARNESS_MISSING') throw error
    return [otherwise, error]
  }
}

async function requireConfig(repository: Repository): Promise<HarnessConfig> {
  const config = repository.isBare ? null : await loadConfig(repository.root)
  if (config === null)
    throw new CoxError('HARNESS_MISSING', `${repository.root} has no harness/harness.yaml`, {
      hint: 'Run `cox init` there first.',
    })
  return config
}
