import {
  fixedSettings,
  openRepository,
  readEnvironment,
  resolveCommit,
  runCommand,
  scrubEnvironment,
  unknownCommit,
} from '@coxswain/host'
import { CoxError, isCoxError } from '@coxswain/kernel'
import { protectedPaths } from '@coxswain/rules'

/** Files that differ from a commit, new ones included. @throws CoxError REF_UNKNOWN, NO_COMMITS, NOT_A_REPOSITORY, GIT_MISSING */
export async function findChanged(root: string, ref: string, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  // The last word keeps git from taking a path for a commit.
  const words = ['diff', '--name-only', '-z', '--no-renames', '--relative', '--end-of-options', ref, '--']
  const tracked = await git(root, words, signal)
  if (tracked === null) throw await whyUnknown(root, ref)
  const fresh = (await git(root, ['ls-files', '-z', '--others', '--exclude-standard'], signal)) ?? ''
  return new Set([...tracked.split('\0'), ...fresh.split('\0')].filter((path) => path !== ''))
}

async function whyUnknown(root: string, ref: string): Promise<CoxError> {
  const repository = await openRepository(root)
  if ((await resolveCommit(repository.git, 'HEAD')) === null)
    return new CoxError('NO_COMMITS', `${root} has no commit yet`, {
      hint: 'Make a first commit, or leave --changed out to check every file.',
    })
  return unknownCommit(repository.git, ref)
}

/** What protected files held at a commit, for those that differ from it; null without git or without that commit. */
export async function readProtected(
  root: string,
  ref: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  const changed = await git(
    root,
    [
      'diff',
      '--name-only',
      '-z',
      '--no-renames',
      '--diff-filter=MD',
      '--relative',
      '--end-of-options',
      ref,
      '--',
      ...protectedPaths,
    ],
    signal,
  )
  if (changed === null) return null
  const before = new Map<string, string>()
  for (const path of changed.split('\0').filter((entry) => entry !== '')) {
    const text = await git(root, ['show', `${ref}:./${path}`], signal)
    if (text !== null) before.set(path, text)
  }
  return before
}

/** Folders that git leaves out as a whole. */
export async function listIgnoredFolders(root: string): Promise<ReadonlySet<string>> {
  const listed = await git(root, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'])
  return new Set(
    (listed ?? '')
      .split('\0')
      .filter((path) => path.endsWith('/'))
      .map((path) => path.slice(0, -1)),
  )
}

async function git(root: string, args: readonly string[], signal?: AbortSignal): Promise<string | null> {
  try {
    const env = { ...scrubEnvironment(readEnvironment(), ['HOME', 'XDG_CONFIG_HOME']), GIT_OPTIONAL_LOCKS: '0' }
    const result = await runCommand({
      command: ['git', ...fixedSettings, ...args],
      cwd: root,
      env,
      maxOutputBytes: 64 * 1024 * 1024,
      ...(signal && { signal }),
    })
    return result.exitCode === 0 ? result.stdout : null
  } catch (error) {
    if (isCoxError(error, 'COMMAND_NOT_FOUND')) return null
    throw error
  }
}
