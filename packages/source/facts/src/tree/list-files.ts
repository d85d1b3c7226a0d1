import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isCoxError } from '@coxswain/kernel'
import { explainOwner, readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'

export interface FileList {
  /** Relative to the root, with `/`, sorted. */
  readonly paths: readonly string[]
  readonly isGit: boolean
}

/** Files that belong to the repository: tracked ones and new ones that are not ignored. Without git, all but installed and built ones. */
export async function listFiles(root: string, signal?: AbortSignal): Promise<FileList> {
  const listed = await listWithGit(root, signal)
  const paths = listed ?? walk(root, '')
  return { paths: [...new Set(paths)].toSorted(), isGit: listed !== null }
}

const largestListing = 512 * 1024 * 1024

async function listWithGit(root: string, signal?: AbortSignal): Promise<string[] | null> {
  try {
    const result = await runCommand({
      command: ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      cwd: root,
      env: { ...scrubEnvironment(readEnvironment(), ['HOME', 'XDG_CONFIG_HOME']), GIT_OPTIONAL_LOCKS: '0' },
      maxOutputBytes: largestListing,
      ...(signal && { signal }),
    })
    const refused = explainOwner(result.stderr)
    if (refused !== null) throw refused
    return result.exitCode === 0 ? result.stdout.split('\0').filter((path) => path !== '') : null
  } catch (error) {
    if (isCoxError(error, 'COMMAND_NOT_FOUND')) return null
    throw error
  }
}

const installedOrBuilt = new Set(['node_modules', '.git', 'dist', 'build', 'coverage', '.next', '.turbo', '.cache'])

function walk(root: string, folder: string): string[] {
  return readFolder(join(root, folder)).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return installedOrBuilt.has(entry.name) ? [] : walk(root, path)
    return entry.isFile() ? [path] : []
  })
}

function readFolder(folder: string): { name: string; isDirectory(): boolean; isFile(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return [] // it vanished, or may not be read: a check goes on with the rest
  }
}
