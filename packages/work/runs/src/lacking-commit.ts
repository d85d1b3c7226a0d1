import { resolveCommit } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'
import { targetOf } from './target.ts'

/** Why a run cannot go on whose commits are not in this repository, as in a copy of before or in a clone without its branch; null where they are. */
export async function lackingCommit({ services, record: { run, progress } }: EffectContext): Promise<string | null> {
  for (const commit of [progress.head, progress.base]) {
    if (commit === null || (await resolveCommit(services.repository.git, commit)) !== null) continue
    const what = commit === progress.head && commit !== progress.base ? 'Its work' : 'The commit that it stands on'
    const fetch = `git fetch <where it is> '+refs/heads/${run.branch}:refs/heads/${run.branch}'`
    return `${what} (${commit.slice(0, 10)}) is not in this repository. Bring it, such as with ${fetch}, then \`cox resume\`; or start anew from ${targetOf(run, services)} with \`cox rework\`.`
  }
  return null
}
