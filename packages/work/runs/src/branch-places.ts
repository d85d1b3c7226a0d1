import { dirname, join } from 'node:path'
import { compareAndSwapRef, linkedFolders, readRegular, resolveCommit, type Git } from '@coxswain/host'

/** Moves a branch, or makes it, where it stands at a commit that the caller knows: `known` says so of each, null of none at all. */
export async function moveBranch(
  git: Git,
  branch: string,
  { to, known, reason }: { readonly to: string; readonly known: (tip: string | null) => boolean; readonly reason: string },
): Promise<{ readonly kind: 'moved' } | { readonly kind: 'unknown'; readonly tip: string }> {
  const ref = `refs/heads/${branch}`
  for (;;) {
    const tip = await resolveCommit(git, ref)
    if (tip === to) return { kind: 'moved' }
    if (!known(tip)) return { kind: 'unknown', tip: tip ?? '' }
    if (await compareAndSwapRef(git, ref, { from: tip, to, reason })) return { kind: 'moved' }
  }
}

/** Other working trees in which a branch is checked out, read from git's files: the folder of each. */
export function checkoutsOf(branch: string, common: string, own: string): string[] {
  const head = `ref: refs/heads/${branch}\n`
  return [common, ...linkedFolders(common)]
    .filter((folder) => folder !== own && read(join(folder, 'HEAD')) === head)
    .map((folder) => (folder === common ? dirname(common) : dirname(read(join(folder, 'gitdir')).trimEnd())))
}

/** Whether a commit was made, or checked out, in a working tree, as its own log of HEAD tells. */
export function wasAtHead(own: string, commit: string): boolean {
  return read(join(own, 'logs/HEAD'))
    .split('\n')
    .some((line) => line.split(' ', 2)[1] === commit)
}

function read(file: string): string {
  return readRegular(file) ?? ''
}
