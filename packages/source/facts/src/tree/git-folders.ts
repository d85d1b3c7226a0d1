import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface GitFolders {
  /** Holds a worktree's own HEAD and index. */
  readonly own: string
  /** Holds what the worktrees of a repository share. */
  readonly common: string
}

/** Both are `.git` but in a linked worktree and in a submodule: there it is a file that names the place. Of no repository, where they would be. */
export function gitFolders(root: string): GitFolders {
  const entry = join(root, '.git')
  const pointer = /^gitdir: (.+)$/m.exec(readIfFile(entry))?.[1]
  if (pointer === undefined) return { own: entry, common: entry }
  const own = resolve(root, pointer.trimEnd())
  return { own, common: resolve(own, readIfFile(join(own, 'commondir')).trim()) }
}

function readIfFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
