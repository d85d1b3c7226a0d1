import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Something that is seen at `path`. */
export interface Shown {
  readonly source: string
  readonly path: string
}

/**
 * What git reads of a worktree whose content lies in `source`: a rewritten `.git` would make the next git command outside run hooks of the
 * agent's choice, hence none of it can be written.
 */
export async function findGitPaths(worktree: string, source: string): Promise<Shown[]> {
  const dotGit = { source: join(source, '.git'), path: join(worktree, '.git') }
  const kind = await stat(dotGit.source).catch(() => null)
  if (kind === null) return []
  if (kind.isDirectory()) return [{ ...dotGit, source: await realpath(dotGit.source) }]
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(dotGit.source, 'utf8'))?.[1]
  if (pointer === undefined) return [dotGit]
  const gitDir = await realpath(resolve(source, pointer)).catch(() => null)
  if (gitDir === null) return [dotGit]
  const common = await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '.')
  const folders = [gitDir, await realpath(resolve(gitDir, common.trim())).catch(() => dirname(gitDir))]
  return [dotGit, ...folders.map((path) => ({ source: path, path }))]
}
