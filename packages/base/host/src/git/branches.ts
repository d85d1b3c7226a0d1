import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from './open-git.ts'

/** The commit a branch stands at, and its tree; null when there is no such branch. */
export async function tipOf(git: Git, branch: string): Promise<{ readonly commit: string; readonly tree: string } | null> {
  const tip = await git.attempt(['log', '-1', '--format=%H %T', `refs/heads/${branch}`, '--'])
  const [commit = '', tree = ''] = tip.stdout.trim().split(' ')
  return tip.exitCode !== 0 || commit === '' ? null : { commit, tree }
}

export async function hasBranch(git: Git, branch: string): Promise<boolean> {
  // Its very name: a revision would also take `main~1`.
  return (await git.attempt(['show-ref', '--verify', '--quiet', `refs/heads/${branch}`])).exitCode === 0
}

/** The branch that is checked out in a working tree; null on none. */
export async function headBranch(git: Git): Promise<string | null> {
  const head = await git.attempt(['symbolic-ref', '--quiet', 'HEAD'])
  // Not `--short`, which says `heads/main` where there is a tag of that name.
  const [, branch] = /^refs\/heads\/(.+)\n$/.exec(head.stdout) ?? []
  return head.exitCode === 0 && branch !== undefined ? branch : null
}

/** Local and remote-tracking branches whose name is this word, or begins with it as a folder or before a dash; whatever their case. */
export async function listBranches(git: Git, word: string): Promise<{ readonly branch: string; readonly isLocal: boolean }[]> {
  const patterns = ['refs/heads', 'refs/remotes/**'].flatMap((place) =>
    [word, `${word}/**`, `${word}-*`].map((name) => `${place}/${name}`),
  )
  const listed = await git.run(['for-each-ref', '--ignore-case', '--format=%(refname)', ...patterns])
  return listed.split('\n').flatMap((ref): { branch: string; isLocal: boolean }[] => {
    if (ref.startsWith('refs/heads/')) return [{ branch: ref.slice('refs/heads/'.length), isLocal: true }]
    const at = ref.toLowerCase().lastIndexOf(`/${word}`)
    return ref === '' || at === -1 ? [] : [{ branch: ref.slice(at + 1), isLocal: false }]
  })
}

/** The runs that landings of the last thousand commits of a branch name. */
export async function runsLandedOn(git: Git, branch: string): Promise<string[]> {
  const format = '--format=%(trailers:key=Coxswain-Run,valueonly,unfold,separator=%x2C)'
  const listed = await git.attempt(['log', '-z', '-n', '1000', format, `refs/heads/${branch}`, '--'])
  return listed.stdout.split(/[\0,]/).map((run) => run.trim())
}

/** Commits of a branch since another, the newest first, that carry this trailer; each with its first parent. */
export async function commitsWithTrailer(
  git: Git,
  { from, to, key, value }: { readonly from: string; readonly to: string; readonly key: string; readonly value: string },
): Promise<{ readonly commit: string; readonly parent: string }[]> {
  // A message can hold anything but a NUL, and a trailer any line break.
  const format = `--format=%H%x00%P%x00%(trailers:key=${key},valueonly,unfold,separator=%x2C)`
  const fields = (await git.run(['log', '-z', '--first-parent', format, `${from}..${to}`])).split('\0')
  const found: { commit: string; parent: string }[] = []
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [commit = '', parents = '', trailer = ''] = fields.slice(at, at + 3)
    const [parent] = parents.split(' ')
    if (trailer.trim() === value && parent !== undefined && parent !== '') found.push({ commit, parent })
  }
  return found
}

/** git's folder of each linked working tree. */
export function linkedFolders(common: string): string[] {
  const folder = join(common, 'worktrees')
  return readNames(folder).map((name) => join(folder, name))
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Where the history of HEAD begins: clones and forks of a repository have it in common. */
export async function rootCommits(git: Git, signal?: AbortSignal): Promise<readonly string[]> {
  const listed = await git.attempt(['rev-list', '--max-parents=0', 'HEAD', '--'], signal === undefined ? {} : { signal })
  return listed.exitCode === 0 ? listed.stdout.split('\n').filter((line) => line !== '') : []
}
