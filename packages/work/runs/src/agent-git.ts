import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { holdsStash, refreshPrivateGit, type Git } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'
import { ensureSessionDir, gitOf } from './sessions.ts'

/**
 * The git folder that a contained agent has to itself, at what its worktree is at: what it stages, commits or stashes there is for its own use,
 * and work is what its files are. Once a turn: one that an earlier life of ours began goes on with what it has. Null where nothing contains it.
 */
export async function prepareGit({ services, record, dir }: EffectContext, worktree: Git): Promise<string | null> {
  if (!services.isContained) return null
  const folder = gitOf(await ensureSessionDir(record.run.id, record.progress.session, services))
  const done = join(dir, 'git-ready')
  if (existsSync(done) && existsSync(folder)) return folder
  await refreshPrivateGit(worktree, folder)
  await writeFile(done, '')
  return folder
}

/** What it stashed is no work, and may well be meant as such: for the person's eyes. */
export async function tellOfStash({ services, record }: EffectContext, folder: string | null): Promise<void> {
  if (folder === null || !holdsStash(folder)) return
  await services.journal.notice(record.run.id, 'the agent left changes in a stash of its own: they are no part of its work')
}

/** For the agent's eyes, at the start of its next turn. */
export function wordsOnStash(folder: string | null): string {
  return folder !== null && holdsStash(folder)
    ? '\n\nYour stash holds changes. Only files in the working tree count: `git stash pop` what you want to keep.'
    : ''
}
