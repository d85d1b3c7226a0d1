import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describeLock, type GitLock } from './explain-refusal.ts'
import { gitFolders, isSparse } from './git-folders.ts'
import type { Repository } from './repository.ts'
import { personsHooks, signsCommits } from './signing.ts'

/** What about a repository could get in the way of work, or surprise. */
export interface RepositoryState {
  readonly locks: readonly GitLock[]
  readonly isShallow: boolean
  readonly isSparse: boolean
  /** `Ann <ann@example.com>`, in whose name work lands; null where git has none. */
  readonly identity: string | null
  /** Whether commits are to be signed. */
  readonly signs: boolean
  /** The person's hooks, in their folder. */
  readonly hooks: { readonly folder: string; readonly names: readonly string[] }
}

export async function readRepositoryState({ git, root, gitDir }: Repository): Promise<RepositoryState> {
  // As landing asks: a name that git made up of the account and the host is none.
  const ident = await git.attempt(['-c', 'user.useConfigOnly=true', 'var', 'GIT_COMMITTER_IDENT'])
  return {
    locks: findLocks([gitFolders(root).own, gitDir]),
    isShallow: (await git.attempt(['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true',
    isSparse: isSparse(root),
    signs: await signsCommits(git),
    hooks: await personsHooks(git, gitDir),
    identity: ident.exitCode === 0 ? ident.stdout.trim().replace(/ \d+ [+-]\d+$/, '') : null,
  }
}

function findLocks(folders: readonly string[]): GitLock[] {
  const files = [...new Set(folders)].flatMap((folder) => [
    ...lockFiles(folder),
    ...lockFiles(join(folder, 'refs'), { recursive: true }),
  ])
  return files.flatMap((file) => describeLock(file) ?? [])
}

function lockFiles(folder: string, options: { readonly recursive?: boolean } = {}): string[] {
  try {
    const names = readdirSync(folder, { recursive: options.recursive ?? false, encoding: 'utf8' })
    return names.filter((name) => name.endsWith('.lock')).map((name) => join(folder, name))
  } catch {
    return [] // of no such folder, or one that vanished
  }
}
