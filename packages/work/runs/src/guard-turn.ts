import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, guardedChanges, putBack, readGuarded, type Guarded, type GuardedChange } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'

/** What the repository was before a turn: read once, also where a crash repeats the step. */
export async function beforeTurn({ dir, services }: EffectContext): Promise<Guarded> {
  const file = join(dir, 'before-turn.json')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) {
    const read = JSON.parse(known) as Guarded // written by this very function, as a whole
    if (read.version === 1) return read
  }
  const guarded = await readGuarded(services.repository)
  await mkdir(dir, { recursive: true })
  await atomicWrite(file, JSON.stringify(guarded), 0o600)
  return guarded
}

/**
 * What changed in the repository outside of the worktree while a turn ran, in sentences. A contained agent cannot write there, so that it was a person, who is
 * told in the log. Where nothing contains it, hooks, settings that run programs and attributes are put back, and the run stops.
 */
export async function escapesOf(before: Guarded, { dir, services, record }: EffectContext): Promise<string[]> {
  const { repository } = services
  const isOurs = (ref: string): boolean => /^refs\/heads\/(?:cox[/-]|coxswain-kept\/)/.test(ref)
  const changes = await guardedChanges(repository, before, await readGuarded(repository), isOurs)
  if (changes.length === 0) return []
  const told = changes.map(sentenceOf)
  if (services.isContained) {
    await services.journal.notice(
      record.run.id,
      `changed in the repository by another hand while the agent worked: ${told.slice(0, 5).join('; ')}`,
    )
    return []
  }
  const kept = join(dir, 'put-aside')
  await putBack(repository, changes, { kept, name: record.run.id })
  return told
}

function sentenceOf(change: GuardedChange): string {
  switch (change.kind) {
    case 'file':
      return `${change.path} was ${change.was === null ? 'made' : 'changed'}, and is put back`
    case 'setting':
      return `the setting ${change.key} was changed, and is put back`
    case 'ref':
      return `${change.ref} was ${change.isGone ? 'deleted' : 'moved away'} from ${change.was.slice(0, 10)}`
    case 'stash':
      return 'the stash was changed'
    default:
      return change satisfies never
  }
}
