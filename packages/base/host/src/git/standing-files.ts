import type { Git } from './open-git.ts'
import type { TreeEntry } from './read-objects.ts'

/* What stands in a working tree, compared with git's index. Every list ends its entries with a NUL. */

const maxBytes = 512 * 1024 * 1024

/** Files, links and submodules of the index. */
export async function filesOfIndex(git: Git): Promise<TreeEntry[]> {
  return (await list(git, ['ls-files', '--stage', '-z'])).map((entry) => {
    const at = entry.indexOf('\t')
    const [mode = '', id = ''] = entry.slice(0, at).split(' ')
    return { mode, id, path: entry.slice(at + 1) }
  })
}

/** Tracked files that look other than git left them; also those whose line ends or filters git finds odd, whatever stands there. */
export function differingFiles(git: Git): Promise<string[]> {
  return list(git, ['diff-files', '--name-only', '-z', '--ignore-submodules=all'])
}

/** What is neither tracked nor ignored; folders end with a slash. */
export function unignoredFiles(git: Git): Promise<string[]> {
  return list(git, ['ls-files', '--others', '--exclude-standard', '--directory', '--no-empty-directory', '-z'])
}

/** What git ignores; folders end with a slash. */
export function ignoredFiles(git: Git): Promise<string[]> {
  return list(git, ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'])
}

/** Puts the tracked files at a commit on no branch, whatever they were; all else stays. */
export async function standAt(git: Git, commit: string): Promise<void> {
  await git.run(['checkout', '--quiet', '--force', '--detach', commit])
}

/** Makes the tracked files what HEAD says; all else stays. */
export async function restoreFiles(git: Git): Promise<void> {
  await git.run(['checkout', '--quiet', '--force'])
}

/** Lets git know files again whose times changed, and not their content. */
export async function refreshIndex(git: Git): Promise<void> {
  await git.attempt(['update-index', '-q', '--refresh'], { env: { GIT_OPTIONAL_LOCKS: '1' } })
}

async function list(git: Git, args: readonly string[]): Promise<string[]> {
  const output = Buffer.from(await git.read(args, { maxOutputBytes: maxBytes })).toString('utf8')
  return output.split('\0').slice(0, -1)
}
