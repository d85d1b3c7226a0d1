import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import type { Git } from './open-git.ts'
import type { Repository } from './repository.ts'

/** What of a repository an agent has no business with: all that git runs, and the names of what it holds. */
export interface Guarded {
  readonly version: 1
  /** By their path below the git folder: hooks and files of `info/`. */
  readonly files: Readonly<Record<string, GuardedFile>>
  readonly config: string
  readonly refs: Readonly<Record<string, string>>
}

interface GuardedFile {
  readonly mode: number
  readonly base64: string
}

export type GuardedChange =
  /** `was` null: there was none. */
  | { readonly kind: 'file'; readonly path: string; readonly was: GuardedFile | null }
  | { readonly kind: 'setting'; readonly key: string; readonly was: readonly string[] }
  | { readonly kind: 'ref'; readonly ref: string; readonly was: string; readonly isGone: boolean }
  | { readonly kind: 'stash' }

const single = ['info/attributes', 'info/grafts', 'objects/info/alternates']
const mostBytes = 1_000_000

export async function readGuarded({ git, gitDir }: Repository): Promise<Guarded> {
  const hooks = (await readdir(join(gitDir, 'hooks')).catch(() => [])).filter((name) => !name.endsWith('.sample'))
  const paths = [...hooks.map((name) => `hooks/${name}`), ...single]
  const files = await mapLimit(paths, 8, async (path) => [path, await readGuardedFile(join(gitDir, path))] as const)
  const listed = await git.run(['for-each-ref', '--format=%(objectname) %(refname)'])
  const refs = listed
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [[line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))] as const]))
  return {
    version: 1,
    files: Object.fromEntries(files.flatMap(([path, file]) => (file === null ? [] : [[path, file] as const]))),
    config: await readFile(join(gitDir, 'config'), 'utf8').catch(() => ''),
    refs: Object.fromEntries(refs),
  }
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
  const refs: GuardedChange[] = []
  for (const [ref, was] of Object.entries(before.refs)) {
    const now = after.refs[ref]
    if (now === was || isOurs(ref) || !/^refs\/(?:heads|tags)\//.test(ref)) continue
    if (now === undefined || !(await isAncestor(git, was, now))) refs.push({ kind: 'ref', ref, was, isGone: now === undefined })
  }
  return [
    ...files.toSorted().map((path) => ({ kind: 'file', path, was: before.files[path] ?? null }) as const),
    ...(before.config === after.config ? [] : await settingChanges(git, before.config, after.config)),
    ...refs,
    ...(before.refs['refs/stash'] === after.refs['refs/stash'] ? [] : [{ kind: 'stash' } as const]),
  ]
}

async function isAncestor(git: Git, was: string, now: string): Promise<boolean> {
  return (await git.attempt(['merge-base', '--is-ancestor', was, now])).exitCode === 0
}

async function settingChanges(git: Git, before: string, after: string): Promise<GuardedChange[]> {
  const [was, now] = [await settingsIn(git, before), await settingsIn(git, after)]
  const keys = [...new Set([...was.keys(), ...now.keys()])].filter((key) => running.test(key))
  return keys
    .filter((key) => JSON.stringify(was.get(key)) !== JSON.stringify(now.get(key)))
    .map((key) => ({ kind: 'setting', key, was: was.get(key) ?? [] }))
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

/** Puts files and settings back as they were; what stood there is moved to a folder. Refs are not moved: a commit that was lost gets a name. */
export async function putBack(
  { git, gitDir }: Repository,
  changes: readonly GuardedChange[],
  { kept, name }: { readonly kept: string; /** Of the refs that hold what was lost. */ readonly name: string },
): Promise<void> {
  for (const change of changes) {
    if (change.kind === 'file') await putFileBack(join(gitDir, change.path), join(kept, change.path), change.was)
    if (change.kind === 'setting') await putSettingBack(git, join(gitDir, 'config'), change)
    if (change.kind === 'ref')
      await git.attempt(['update-ref', `refs/coxswain/before/${name}/${change.ref.slice('refs/'.length)}`, change.was])
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
