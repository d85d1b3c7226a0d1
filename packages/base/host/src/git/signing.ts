import { readdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { seconds, type Duration } from '@coxswain/kernel'
import type { Git, GitOptions } from './open-git.ts'

/** Whether the repository wants its commits signed. */
export async function signsCommits(git: Git): Promise<boolean> {
  return (await settingOf(git, 'commit.gpgSign', ['--type=bool'])) === 'true'
}

/** The person's own: the last one that is told is ours, by which calls of ours sign nothing and run no hook. */
async function settingOf(git: Git, name: string, how: readonly string[]): Promise<string | null> {
  const found = await git.attempt(['config', '-z', ...how, '--get-all', name])
  return found.stdout.split('\0').slice(0, -1).at(-2) ?? null
}

/** Who waits for a passphrase or for a key that is not plugged in is not waited for. */
const patience = seconds(10)

/** The same commit, signed with the person's key; or why it could not be. */
export async function signCommit(
  git: Git,
  commit: string,
): Promise<{ readonly kind: 'signed'; readonly commit: string } | { readonly kind: 'unsigned'; readonly why: string }> {
  const raw = await git.run(['cat-file', 'commit', commit])
  const [head = '', ...body] = raw.split('\n\n')
  const fields = head.split('\n').map((line) => line.split(' '))
  const valuesOf = (name: string): string[] => fields.filter(([key]) => key === name).map(([, ...value]) => value.join(' '))
  const who = (name: string): Record<string, string> => {
    const [, person = '', email = '', date = ''] = /^(.*) <(.*)> (\d+ [+-]\d+)$/.exec(valuesOf(name)[0] ?? '') ?? []
    const prefix = `GIT_${name.toUpperCase()}`
    return { [`${prefix}_NAME`]: person, [`${prefix}_EMAIL`]: email, [`${prefix}_DATE`]: date }
  }
  const parents = valuesOf('parent').flatMap((parent) => ['-p', parent])
  const args = ['commit-tree', '-S', valuesOf('tree')[0] ?? '', ...parents, '-F', '-']
  const made = await git.attempt(args, {
    stdin: `${body.join('\n\n')}\n`,
    env: { ...who('author'), ...who('committer') },
    timeout: patience,
  })
  if (made.exitCode === 0) return { kind: 'signed', commit: made.stdout.trim() }
  const words = made.stderr.trim().split('\n').at(-1) ?? ''
  return { kind: 'unsigned', why: made.timedOut ? 'the program that signs did not answer in 10 s' : words || 'signing failed' }
}

/** Hooks of the person's that watch moves of refs. */
export interface RefHooks {
  readonly folder: string
  /** A hook that takes longer is ended, and nothing moves: the lane waits for it. */
  readonly patience: Duration
}

const hookPatience = seconds(30)

/** Null where no hook watches. */
export async function refHooks(git: Git, gitDir: string, limit: Duration = hookPatience): Promise<RefHooks | null> {
  const { folder, names } = await personsHooks(git, gitDir)
  return names.includes('reference-transaction') ? { folder, patience: limit } : null
}

/** Hooks that the person's own git runs here. */
export async function personsHooks(
  git: Git,
  gitDir: string,
): Promise<{ readonly folder: string; readonly names: readonly string[] }> {
  const configured = await settingOf(git, 'core.hooksPath', ['--type=path'])
  const folder = configured === null ? join(gitDir, 'hooks') : isAbsolute(configured) ? configured : join(git.cwd, configured)
  const names = await readdir(folder).catch(() => [])
  return { folder, names: names.filter((name) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)).toSorted() }
}

/** What a move of a ref is to be run with, so that hooks have their say; none by default. */
export function withHooks(hooks: RefHooks | null): { readonly words: readonly string[]; readonly options: GitOptions } {
  return hooks === null
    ? { words: [], options: {} }
    : { words: ['-c', `core.hooksPath=${hooks.folder}`], options: { timeout: hooks.patience } }
}
