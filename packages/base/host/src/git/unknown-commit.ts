import { CoxError } from '@coxswain/kernel'
import type { Git } from './open-git.ts'

/** Why git knows no commit of this name here: a clone may hold a part of the history, or one branch, and then fetching brings it. */
export async function unknownCommit(git: Git, revision: string): Promise<CoxError> {
  const isShallow = (await git.attempt(['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
  const remotes = (await git.attempt(['remote'])).stdout.split('\n').filter((name) => name !== '')
  const fetch = isShallow ? fetchToShallow(remotes, revision) : fetchBranch(remotes, revision)
  return new CoxError('REF_UNKNOWN', `git knows no commit "${revision}" ${isShallow ? 'in this shallow clone' : 'here'}`, {
    hint:
      fetch === null
        ? 'Name a branch, tag or commit, such as main.'
        : `If the remote has it: ${fetch}${isShallow ? ' (in GitHub Actions: `fetch-depth: 0`)' : ''}.`,
  })
}

function fetchToShallow(remotes: readonly string[], revision: string): string | null {
  const remote = remotes.includes('origin') ? 'origin' : remotes[0]
  if (remote === undefined) return null
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return `git fetch --depth=1 ${remote} ${revision}`
  return fetchBranch(remotes, revision, '--depth=1 ') ?? 'git fetch --unshallow'
}

/** For `origin/main`: also where the clone was told to follow another branch alone. Null where it names none, or a shell would read it otherwise. */
function fetchBranch(remotes: readonly string[], revision: string, depth = ''): string | null {
  const remote = remotes.find((name) => revision.startsWith(`${name}/`))
  if (remote === undefined || !/^[\w./-]+$/.test(revision) || revision.includes('..')) return null
  const branch = revision.slice(remote.length + 1)
  return `git fetch ${depth}${remote} +refs/heads/${branch}:refs/remotes/${revision}`
}
