import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { linkedFolders, readRegular, type Repository } from '@coxswain/host'

/** What a person has begun with git and not ended. */
export interface UnderWay {
  /** `a rebase`. */
  readonly what: string
  /** Of the working tree. */
  readonly place: string
}

const onCheckedOut: readonly (readonly [file: string, what: string])[] = [
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['rebase-apply/applying', '`git am`'],
]

/**
 * What would end on another commit than it began with if the branch moved now, or has an index that cannot follow. A rebase has no branch checked out, and
 * takes it back at its end. Read from git's files; null where nothing is under way.
 */
export function underWayOn({ root, gitDir }: Pick<Repository, 'root' | 'gitDir'>, branch: string): UnderWay | null {
  const ref = `refs/heads/${branch}`
  for (const folder of [gitDir, ...linkedFolders(gitDir)]) {
    const place = folder === gitDir ? root : dirname(readText(join(folder, 'gitdir')).trimEnd())
    const isRebased = ['rebase-merge', 'rebase-apply'].some((name) => readText(join(folder, name, 'head-name')).trim() === ref)
    if (isRebased) return { what: 'a rebase', place }
    if (readText(join(folder, 'HEAD')) !== `ref: ${ref}\n`) continue
    const found = onCheckedOut.find(([file]) => existsSync(join(folder, file)))
    if (found !== undefined) return { what: found[1], place }
  }
  return null
}

function readText(path: string): string {
  return readRegular(path) ?? ''
}
