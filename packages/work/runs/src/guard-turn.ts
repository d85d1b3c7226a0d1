import { mkdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { atomicWrite, guardedChanges, putBack, readGuarded, type Guarded, type GuardedChange } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'
import type { RunServices } from './services.ts'

/** What the repository was before a turn: read once, also where a crash repeats the step. */
export async function beforeTurn({ dir, services }: EffectContext): Promise<Guarded> {
  const file = join(dir, 'before-turn.json')
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) {
    const read = JSON.parse(known) as Guarded // written by this very function, as a whole
    if (read.version === 2) return read
  }
  const guarded = await readNow(services)
  await mkdir(dir, { recursive: true })
  await atomicWrite(file, JSON.stringify(guarded), 0o600)
  return guarded
}

/** Where people work is compared where nothing contains an agent: else it was a person who went to another branch, or staged something. */
async function readNow({ repository, runsDir, isContained }: RunServices): Promise<Guarded> {
  const stateDir = dirname(await realpath(runsDir).catch(() => runsDir))
  return readGuarded(repository, isContained ? null : (place) => place.startsWith(`${stateDir}/`))
}

/**
 * What changed in the repository outside of the worktree while a turn ran, in sentences. A contained agent cannot write there, so that it was a person, who is
 * told in the log. Where nothing contains it, hooks, settings that run programs, files of `info/` and the stash are put back, and the run stops.
 */
export async function escapesOf(before: Guarded, { dir, services, record }: EffectContext): Promise<string[]> {
  const { repository } = services
  const isOurs = (ref: string): boolean => /^refs\/heads\/(?:cox[/-]|coxswain-kept\/)/.test(ref)
  const changes = await guardedChanges(repository, before, await readNow(services), isOurs)
  if (changes.length === 0) return []
  if (services.isContained) {
    const told = changes.map((change) => sentenceOf(change, ''))
    await services.journal.notice(
      record.run.id,
      `changed in the repository by another hand while the agent worked: ${told.slice(0, 5).join('; ')}`,
    )
    return []
  }
  const kept = join(dir, 'put-aside')
  await putBack(repository, changes, { kept, name: record.run.id })
  return changes.map((change) => sentenceOf(change, ', and is put back'))
}

function sentenceOf(change: GuardedChange, back: string): string {
  switch (change.kind) {
    case 'file':
      return `${change.path} was ${change.was === null ? 'made' : 'changed'}${back}`
    case 'setting':
      return `the setting ${change.key} was changed${back}`
    case 'ref':
      return `${change.ref} was ${change.isGone ? 'deleted' : 'moved away'} from ${change.was.slice(0, 10)}`
    case 'replacement':
      return `${change.ref} was made, so that git shows another object in the place of that one`
    case 'stash':
      return stashSentence(change, back)
    case 'worktree':
      return `the worktree ${change.place} ${change.isGone ? 'is gone' : 'was added'}`
    case 'head':
      return `HEAD of ${change.place} was at ${shortHead(change.was)} and is at ${shortHead(change.now)}`
    case 'staged':
      return `what is staged in ${change.place} was changed: ${few(change.paths)}${back === '' || change.was === null ? '' : '; as it was, it has a name'}`
    default:
      return change satisfies never
  }
}

function stashSentence({ lost, added }: Extract<GuardedChange, { kind: 'stash' }>, back: string): string {
  const [gone, made] = [lost, added].map((entries) => few(entries.map(({ words }) => `“${words}”`)))
  if (added.length === 0) return `the stash lost ${gone}${back}`
  return lost.length === 0 ? `the stash has ${made} now` : `the stash lost ${gone}${back}; it has ${made} now`
}

function shortHead(head: string): string {
  return head.startsWith('refs/heads/') ? head.slice('refs/heads/'.length) : head.slice(0, 10)
}

function few(words: readonly string[]): string {
  return words.length <= 5 ? words.join(', ') : `${words.slice(0, 5).join(', ')} and ${words.length - 5} more`
}
