import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gitFolders, type GitFolders } from '@coxswain/host'
import { listIgnoredFolders } from '../extra/git-changes.ts'

/** Every folder in which a file of the repository could appear: those with files, and those still empty. Ignored ones are left out. */
export async function watchedFolders(root: string): Promise<ReadonlySet<string>> {
  const ignored = await listIgnoredFolders(root)
  const folders = new Set<string>(['', ...Object.keys(placesOfGit)])
  const open = ['']
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of subfolders(join(root, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (name === 'node_modules' || name === '.git' || ignored.has(path)) continue
      folders.add(path)
      open.push(path)
    }
  }
  return folders
}

/** By the name under which they are spoken of: a linked worktree has them elsewhere. */
const placesOfGit: Readonly<Record<string, (git: GitFolders) => string>> = {
  '.git': ({ own }) => own,
  '.git/logs': ({ own }) => join(own, 'logs'),
  '.git/info': ({ common }) => join(common, 'info'),
}

/** Where a watched folder is. */
export function placeOf(root: string, folder: string): string {
  return placesOfGit[folder]?.(gitFolders(root)) ?? join(root, folder)
}

function subfolders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return [] // gone, or closed to us: then nothing of it is listed either
  }
}
