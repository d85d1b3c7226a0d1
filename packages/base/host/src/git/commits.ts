import { gitFailed, type Git } from './open-git.ts'
import { withHooks, type RefHooks } from './signing.ts'

/** The commit a revision names; null when there is none. */
export async function resolveCommit(git: Git, revision: string): Promise<string | null> {
  const result = await git.attempt(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
  return result.exitCode === 0 ? result.stdout.trim() : null
}

export async function treeOf(git: Git, commit: string): Promise<string> {
  return git.run(['rev-parse', '--verify', `${commit}^{tree}`])
}

/** Moves a ref from one value to another in one step; false when it no longer had the old value. `null` means: does not exist. */
export async function compareAndSwapRef(
  git: Git,
  ref: string,
  change: {
    readonly from: string | null
    readonly to: string | null
    readonly reason: string
    /** Hooks that have a say; none by default. */
    readonly hooks?: RefHooks | null
  },
): Promise<boolean> {
  // As many zeros as this repository's hash is long.
  const from = change.from ?? '0'.repeat(change.to?.length ?? 40)
  const { words, options } = withHooks(change.hooks ?? null)
  const args =
    change.to === null
      ? ['update-ref', '-d', ref, from]
      : [...words, 'update-ref', '-m', change.reason, '--create-reflog', ref, change.to, from]
  const result = await git.attempt(args, options)
  if (result.exitCode === 0) return true
  const now = await resolveCommit(git, ref)
  if (now !== change.from) return false
  throw gitFailed(git.cwd, args, result)
}

export interface CommitRequest {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  /** Seconds since the epoch: fixed by the caller, so that repeating the step makes the same commit. */
  readonly at: number
}

export async function commitTree(git: Git, request: CommitRequest): Promise<string> {
  const date = `${request.at} +0000`
  const parents = request.parents.flatMap((parent) => ['-p', parent])
  const args = ['-c', 'user.useConfigOnly=true', 'commit-tree', request.tree, ...parents, '-F', '-']
  const options = { stdin: request.message, env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } }
  const result = await git.attempt(args, options)
  if (result.exitCode === 0) return result.stdout.trim()
  return git.run(args, { ...options, env: { ...options.env, ...fallbackIdentity } })
}

/** A machine without a configured identity must not stop a landing. */
const fallbackIdentity = {
  GIT_AUTHOR_NAME: 'Coxswain',
  GIT_AUTHOR_EMAIL: 'coxswain@localhost',
  GIT_COMMITTER_NAME: 'Coxswain',
  GIT_COMMITTER_EMAIL: 'coxswain@localhost',
}

export type MergeResult =
  | { readonly kind: 'clean'; readonly tree: string }
  /** `tree` holds the merge, with conflict markers in `paths`. */
  | { readonly kind: 'conflict'; readonly tree: string; readonly paths: readonly string[] }

/**
 * Three-way merge of two commits without a working tree: what changed from `base` to `theirs`, made on `ours`. Also where `ours` does not hold
 * the base any more, because it was amended or dropped: what the base alone holds stays out.
 */
export async function mergeCommits(git: Git, merge: MergeSides): Promise<MergeResult> {
  const [base, { ours, theirs }] = (await takesBase(git))
    ? [[`--merge-base=${merge.base}`], merge]
    : [[], (await isFoundAsBase(git, merge)) ? merge : await onTheirBaseAlone(git, merge)]
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ...base, ours, theirs]
  const result = await git.attempt(args)
  const [tree = '', ...paths] = result.stdout.split('\0').filter((part) => part !== '')
  if (result.exitCode === 0) return { kind: 'clean', tree }
  if (result.exitCode === 1) return { kind: 'conflict', tree, paths: [...new Set(paths)] }
  throw gitFailed(git.cwd, args, result)
}

interface MergeSides {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

/** Since git 2.40; older ones look for a base by themselves. */
async function takesBase(git: Git): Promise<boolean> {
  knownVersion ??= git.run(['--version'])
  const version = /(\d+)\.(\d+)/.exec(await knownVersion)
  return version !== null && (Number(version[1]) > 2 || Number(version[2]) >= 40)
}

let knownVersion: Promise<string> | undefined

async function isFoundAsBase(git: Git, { base, ours, theirs }: MergeSides): Promise<boolean> {
  const found = await git.attempt(['merge-base', '--all', ours, theirs])
  return found.stdout.trim() === base
}

/** Commits of the same trees whose only common one is the base: git then has no other to find. */
async function onTheirBaseAlone(git: Git, { base, ours, theirs }: MergeSides): Promise<MergeSides> {
  const root = await bareCommit(git, base, [])
  return { base: root, ours: await bareCommit(git, ours, [root]), theirs: await bareCommit(git, theirs, [root]) }
}

async function bareCommit(git: Git, commit: string, parents: readonly string[]): Promise<string> {
  const date = '1000000000 +0000'
  const env = { ...fallbackIdentity, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  const args = parents.flatMap((parent) => ['-p', parent])
  return git.run(['commit-tree', `${commit}^{tree}`, ...args, '-m', 'one side of a merge'], { env })
}

export interface ChangedFile {
  readonly status: 'added' | 'modified' | 'deleted' | 'type-changed'
  readonly path: string
}

export async function changedFiles(git: Git, from: string, to: string): Promise<ChangedFile[]> {
  const fields = (await git.run(['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to])).split('\0')
  const files: ChangedFile[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) files.push({ status: statusOf(fields[at] ?? ''), path: fields[at + 1] ?? '' })
  return files
}

/** A path that differs, as the second commit has it. */
export interface ChangedEntry {
  readonly path: string
  /** `000000`: it is gone. */
  readonly mode: string
  readonly id: string
  /** Null where the first commit has none. */
  readonly idBefore: string | null
}

export async function changedEntries(git: Git, from: string, to: string): Promise<ChangedEntry[]> {
  const fields = (await git.run(['diff-tree', '-r', '-z', '--no-renames', '--no-abbrev', from, to])).split('\0')
  const entries: ChangedEntry[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [before, mode = '', idBefore = '', id = ''] = (fields[at] ?? '').split(' ')
    entries.push({ path: fields[at + 1] ?? '', mode, id, idBefore: before === ':000000' ? null : idBefore })
  }
  return entries
}

function statusOf(letter: string): ChangedFile['status'] {
  return letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : letter === 'T' ? 'type-changed' : 'modified'
}

export async function unifiedDiff(
  git: Git,
  range: { readonly from: string; readonly to: string; readonly paths?: readonly string[] },
  maxBytes = 1024 * 1024,
): Promise<string> {
  const paths = range.paths === undefined ? [] : ['--', ...range.paths.map((path) => `:(literal)${path}`)]
  // Not `git diff`, whose look everybody sets for themselves.
  const args = ['diff-tree', '-r', '-p', '-M', '--no-color', '--no-ext-diff', '--no-textconv', range.from, range.to, ...paths]
  const result = await git.attempt(args)
  if (result.exitCode !== 0) throw gitFailed(git.cwd, args, result)
  const text = result.stdout.replace(/\n$/, '')
  if (result.truncated) return `… the end of a diff that is too long to show\n${text.slice(-maxBytes)}`
  return text.length > maxBytes ? `${text.slice(0, maxBytes)}\n… cut at ${maxBytes} bytes` : text
}
