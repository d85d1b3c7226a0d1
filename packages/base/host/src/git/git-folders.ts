import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readRegular } from '../files/read-regular.ts'

export interface GitFolders {
  /** Holds a worktree's own HEAD and index. */
  readonly own: string
  /** Holds what the worktrees of a repository share. */
  readonly common: string
}

/** Read from files, because each git costs milliseconds of a large process. Both are `.git` but in a linked worktree and in a submodule: there it is a file that names the place. Of a bare repository, it itself; of none, where they would be. */
export function gitFolders(root: string): GitFolders {
  const entry = join(root, '.git')
  const pointer = /^gitdir: (.+?)\n*$/s.exec(readIfPresent(entry))?.[1]
  if (pointer === undefined) return isBare(root) ? { own: root, common: root } : { own: entry, common: entry }
  return gitFoldersAt(resolve(root, pointer))
}

function isBare(root: string): boolean {
  return !existsSync(join(root, '.git')) && existsSync(join(root, 'HEAD')) && existsSync(join(root, 'objects'))
}

/** Of a working tree whose own folder is known, whatever its `.git` says. */
export function gitFoldersAt(own: string): GitFolders {
  return { own, common: resolve(own, readIfPresent(join(own, 'commondir')).trim()) }
}

/** Whether files of the repository may be missing on disk because nobody asked for them. */
export function isSparse(root: string): boolean {
  const { own, common } = gitFolders(root)
  const settings = [join(common, 'config'), join(own, 'config.worktree')].map(readIfPresent).join('\n')
  return [...settings.matchAll(/^[ \t]*sparseCheckout[ \t]*=[ \t]*(\w+)/gim)].at(-1)?.[1]?.toLowerCase() === 'true'
}

/** Empty where there is no file. */
export function readIfPresent(path: string): string {
  return readRegular(path) ?? ''
}
