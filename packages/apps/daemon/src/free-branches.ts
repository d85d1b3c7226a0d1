import { listBranches, runsLandedOn, type Git } from '@coxswain/host'
import type { RunId } from '@coxswain/model'

/**
 * Names for the branches of new runs that stand for nothing yet in this repository: work of another life of ours, of another clone, or of a
 * person is never written over, also where names differ in case alone. Null passes over a number.
 */
export async function freeBranches(
  git: Git,
  { isFirst, target }: { /** The state folder knows of no run yet. */ readonly isFirst: boolean; readonly target: string },
): Promise<(id: RunId) => string | null> {
  const known = await listBranches(git, folder)
  // Where a branch has the name of the folder, git can make none below it.
  const start = known.some(({ branch, isLocal }) => isLocal && branch === folder) ? `${folder}-` : `${folder}/`
  const taken = new Set(known.map(({ branch }) => branch.toLowerCase()))
  const parents = new Set(known.map(({ branch }) => branch.toLowerCase().split('/').slice(0, 2).join('/')))
  const landed = new Set(isFirst ? await runsLandedOn(git, target) : [])
  return (id) => {
    const branch = `${start}${id}`
    return taken.has(branch) || parents.has(branch) || landed.has(id) ? null : branch
  }
}

const folder = 'cox'
