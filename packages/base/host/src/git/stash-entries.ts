import type { Git } from './open-git.ts'

/** An entry of the stash: its commit, and the words it is listed by. */
export interface StashEntry {
  readonly commit: string
  readonly words: string
}

/** The newest first. */
export async function readStash(git: Git): Promise<StashEntry[]> {
  const listed = await git.attempt(['log', '-g', '-z', '--format=%H %gs', 'refs/stash', '--'])
  if (listed.exitCode !== 0) return [] // there is none
  return listed.stdout
    .split('\0')
    .flatMap((line) =>
      line === '' ? [] : [{ commit: line.slice(0, line.indexOf(' ')), words: line.slice(line.indexOf(' ') + 1) }],
    )
}

/** Puts entries back on top, in their order; what is there stays. */
export async function storeStash(git: Git, entries: readonly StashEntry[]): Promise<void> {
  for (const { commit, words } of entries.toReversed()) await git.attempt(['stash', 'store', '--quiet', '-m', words, commit])
}
