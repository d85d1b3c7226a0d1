import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import type { Git } from './open-git.ts'
import type { Repository } from './repository.ts'
import { readStash, storeStash, type StashEntry } from './stash-entries.ts'
import { commitStaged, placeChanges, readPlaces, type PlaceChange, type WorkingPlaces } from './working-places.ts'

/** What of a repository an agent has no business with: all that git runs, the names of what it holds, and where people work. */
export interface Guarded {
  readonly version: 2
  /** By their path below the git folder: hooks and files of `info/`. */
  readonly files: Readonly<Record<string, GuardedFile>>
  /** By their path below the git folder: the settings that all share, and those of one working tree. */
  readonly settings: Readonly<Record<string, string>>
  readonly refs: Readonly<Record<string, string>>
  readonly stash: readonly StashEntry[]
  /** Null where they were not looked at. */
  readonly places: WorkingPlaces | null
}

interface GuardedFile {
  readonly mode: number
  readonly base64: string
}

export type GuardedChange =
  /** `was` null: there was none. */
  | { readonly kind: 'file'; readonly path: string; readonly was: GuardedFile | null }
  | { readonly kind: 'setting'; readonly path: string; readonly key: string; readonly was: readonly string[] }
  | { readonly kind: 'ref'; readonly ref: string; readonly was: string; readonly isGone: boolean }
  | { readonly kind: 'replacement'; readonly ref: string }
  | { readonly kind: 'stash'; readonly lost: readonly StashEntry[]; readonly added: readonly StashEntry[] }
  | PlaceChange

const single = ['info/attributes', 'info/exclude', 'info/grafts', 'objects/info/alternates']
const mostBytes = 1_000_000

/** `isOurs`: working trees that are no person's; null leaves all of them out. */
export async function readGuarded(repository: Repository, isOurs: ((place: string) => boolean) | null): Promise<Guarded> {
  const { git, gitDir } = repository
  const hooks = (await readdir(join(gitDir, 'hooks')).catch(() => [])).filter((name) => !name.endsWith('.sample'))
  const paths = [...hooks.map((name) => `hooks/${name}`), ...single]
  const files = await mapLimit(paths, 8, async (path) => [path, await readGuardedFile(join(gitDir, path))] as const)
  const listed = await git.run(['for-each-ref', '--format=%(objectname) %(refname)'])
  const refs = listed
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [[line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))] as const]))
  return {
    version: 2,
    files: Object.fromEntries(files.flatMap(([path, file]) => (file === null ? [] : [[path, file] as const]))),
    settings: await readSettings(gitDir),
    refs: Object.fromEntries(refs),
    stash: await readStash(git),
    places: isOurs === null ? null : await readPlaces(repository, isOurs),
  }
}

async function readSettings(gitDir: string): Promise<Record<string, string>> {
  const linked = await readdir(join(gitDir, 'worktrees')).catch(() => [])
  const paths = ['config', 'config.worktree', ...linked.map((name) => `worktrees/${name}/config.worktree`)]
  const texts = await mapLimit(paths, 8, async (path) => {
    const text = await readFile(join(gitDir, path), 'utf8').catch(() => '')
    return [path, text] as const
  })
  return Object.fromEntries(texts.filter(([, text]) => text !== ''))
}

async function readGuardedFile(path: string): Promise<GuardedFile | null> {
  const found = await lstat(path).catch(() => null)
  if (found === null || found.isDirectory()) return null
  const content = found.isFile() && found.size <= mostBytes ? await readFile(path).catch(() => null) : null
  // A link, or what is too large to keep, is told apart by what it is alone.
  const seen = content ?? createHash('sha256').update(`${found.mtimeMs} ${found.size} ${found.ino}`).digest()
  return { mode: found.mode, base64: seen.toString('base64') }
}

/** Settings by which git runs a program, or reads other settings or files. */
const running =
  /^(?:core\.(?:hookspath|fsmonitor|sshcommand|pager|editor|askpass|attributesfile|worktree|gitproxy|alternaterefscommand)|sequence\.editor|gpg\..*program|gpg\.program|credential\..*helper|credential\.helper|alias\..+|include\.path|includeif\..+|(?:filter|diff|merge|difftool|mergetool)\..+\.(?:clean|smudge|process|command|textconv|driver|cmd|path)|diff\.external|pager\..+|protocol\..+|url\..+|remote\..+\.(?:uploadpack|receivepack|vcs|proxy)|uploadpack\.packobjectshook|submodule\..+\.update|interactive\.difffilter|browser\..+|man\..+|web\.browser|trailer\..+\.(?:command|cmd)|extensions\..+)$/i

/** What changed of it. `isOurs`: refs that move while a turn runs, by our own hand. */
export async function guardedChanges(
  { git }: Repository,
  before: Guarded,
  after: Guarded,
  isOurs: (ref: string) => boolean,
): Promise<GuardedChange[]> {
  const paths = new Set([...Object.keys(before.files), ...Object.keys(after.files)])
  const files = [...paths].filter((path) => JSON.stringify(before.files[path]) !== JSON.stringify(after.files[path]))
  const places =
    before.places === null || after.places === null
      ? []
      : await placeChanges(before.places, after.places, (was, now) => isAncestor(git, was, now))
  return [
    ...files.toSorted().map((path) => ({ kind: 'file', path, was: before.files[path] ?? null }) as const),
    ...(await settingChanges(git, before.settings, after.settings)),
    ...(await refChanges(git, before.refs, after.refs, isOurs)),
    ...stashChanges(before.stash, after.stash),
    ...places,
  ]
}

async function refChanges(
  git: Git,
  before: Guarded['refs'],
  after: Guarded['refs'],
  isOurs: (ref: string) => boolean,
): Promise<GuardedChange[]> {
  const changes: GuardedChange[] = []
  for (const [ref, was] of Object.entries(before)) {
    const now = after[ref]
    if (now === was || isOurs(ref) || !/^refs\/(?:heads|tags)\//.test(ref)) continue
    if (now === undefined || !(await isAncestor(git, was, now)))
      changes.push({ kind: 'ref', ref, was, isGone: now === undefined })
  }
  const replaced = Object.keys(after).filter((ref) => ref.startsWith('refs/replace/') && after[ref] !== before[ref])
  return [...changes, ...replaced.map((ref) => ({ kind: 'replacement', ref }) as const)]
}

function stashChanges(before: readonly StashEntry[], after: readonly StashEntry[]): GuardedChange[] {
  const without = (entries: readonly StashEntry[], others: readonly StashEntry[]): StashEntry[] =>
    entries.filter(({ commit }) => !others.some((other) => other.commit === commit))
  const [lost, added] = [without(before, after), without(after, before)]
  return lost.length + added.length === 0 ? [] : [{ kind: 'stash', lost, added }]
}

async function isAncestor(git: Git, was: string, now: string): Promise<boolean> {
  return (await git.attempt(['merge-base', '--is-ancestor', was, now])).exitCode === 0
}

async function settingChanges(git: Git, before: Guarded['settings'], after: Guarded['settings']): Promise<GuardedChange[]> {
  const changes: GuardedChange[] = []
  for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[path] === after[path]) continue
    const [was, now] = [await settingsIn(git, before[path] ?? ''), await settingsIn(git, after[path] ?? '')]
    const keys = [...new Set([...was.keys(), ...now.keys()])].filter((key) => running.test(key))
    for (const key of keys)
      if (JSON.stringify(was.get(key)) !== JSON.stringify(now.get(key)))
        changes.push({ kind: 'setting', path, key, was: was.get(key) ?? [] })
  }
  return changes
}

async function settingsIn(git: Git, text: string): Promise<Map<string, string[]>> {
  const listed = await git.attempt(['config', '-z', '--no-includes', '--file', '-', '--list'], { stdin: text })
  const settings = new Map<string, string[]>()
  for (const entry of listed.stdout.split('\0').slice(0, -1)) {
    const end = entry.indexOf('\n')
    const key = end === -1 ? entry : entry.slice(0, end)
    settings.set(key, [...(settings.get(key) ?? []), end === -1 ? '' : entry.slice(end + 1)])
  }
  return settings
}

/**
 * Puts files, settings and lost entries of the stash back as they were; what stood there is moved to a folder. Refs, HEAD and index are not moved,
 * because a person may work there: what was lost gets a name.
 */
export async function putBack(
  repository: Repository,
  changes: readonly GuardedChange[],
  { kept, name }: { readonly kept: string; /** Of the refs that hold what was lost. */ readonly name: string },
): Promise<void> {
  const { git, gitDir } = repository
  const keep = (what: string, commit: string): Promise<unknown> =>
    git.attempt(['update-ref', `refs/coxswain/before/${name}/${what}`, commit])
  for (const [at, change] of changes.entries()) {
    if (change.kind === 'file') await putFileBack(join(gitDir, change.path), join(kept, change.path), change.was)
    if (change.kind === 'setting') await putSettingBack(git, join(gitDir, change.path), change)
    if (change.kind === 'ref') await keep(change.ref.slice('refs/'.length), change.was)
    if (change.kind === 'stash') {
      for (const [number, { commit }] of change.lost.entries()) await keep(`stash/${number}`, commit)
      await storeStash(git, change.lost)
    }
    if (change.kind === 'staged' && change.was !== null) {
      const commit = await commitStaged(repository, change.was, join(kept, `staged-${at}`))
      if (commit !== null) await keep(`staged/${at}`, commit)
    }
  }
}

async function putFileBack(path: string, aside: string, was: GuardedFile | null): Promise<void> {
  await mkdir(dirname(aside), { recursive: true })
  await rename(path, aside).catch(() => rm(path, { recursive: true, force: true }))
  if (was === null || (was.mode & 0o170000) !== 0o100000) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, Buffer.from(was.base64, 'base64'), { mode: was.mode & 0o777 })
}

async function putSettingBack(git: Git, file: string, { key, was }: Extract<GuardedChange, { kind: 'setting' }>): Promise<void> {
  await git.attempt(['config', '--file', file, '--unset-all', key])
  for (const value of was) await git.attempt(['config', '--file', file, '--add', key, value])
}
