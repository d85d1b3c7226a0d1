import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { explainOwner, runCommand, readEnvironment, scrubEnvironment } from '@coxswain/host/quick'
import { isCoxError, seconds } from '@coxswain/kernel'
import { compareText } from './problem.ts'

const neverEntered = new Set(['.git', 'node_modules', '.hg', '.svn'])

/** Every file of the tree that git tracks or would track, sorted, with `/`; outside git, every file but those of package managers. */
export async function listTree(root: string, signal?: AbortSignal): Promise<string[]> {
  const listed = await listByGit(root, signal)
  const files = listed ?? (await walk(root, ''))
  return [...new Set(files)].toSorted(compareText)
}

async function listByGit(root: string, signal?: AbortSignal): Promise<string[] | null> {
  try {
    const result = await runCommand({
      command: ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      cwd: root,
      env: { ...scrubEnvironment(readEnvironment(), ['HOME', 'XDG_CONFIG_HOME']), GIT_OPTIONAL_LOCKS: '0' },
      timeout: seconds(60),
      maxOutputBytes: 256 * 1_024 * 1_024,
      ...(signal === undefined ? {} : { signal }),
    })
    const refused = explainOwner(result.stderr)
    if (refused !== null) throw refused
    return result.exitCode === 0 ? result.stdout.split('\0').filter((path) => path !== '') : null
  } catch (error) {
    if (isCoxError(error, 'COMMAND_NOT_FOUND')) return null
    throw error
  }
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const files: string[] = []
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!neverEntered.has(entry.name)) files.push(...(await walk(root, path)))
    } else files.push(path)
  }
  return files
}
