import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { privateGit } from '@coxswain/host'
import { mapLimit } from '@coxswain/kernel'
import type { SandboxStep } from './sandbox-plan.ts'

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
  const own = kind.isDirectory() ? await realpath(dotGit.source) : await readPointer(dotGit.source, source)
  const entry = kind.isDirectory() && own !== null ? { ...dotGit, source: own } : dotGit
  if (own === null) return [entry]
  const common = await readFile(join(own, 'commondir'), 'utf8').catch(() => '.')
  const shared = await realpath(resolve(own, common.trim())).catch(() => dirname(own))
  const folders = [...new Set([own, shared, ...(await findAlternates(join(shared, 'objects')))])]
  return [entry, ...folders.filter((path) => path !== entry.source).map((path) => ({ source: path, path }))]
}

/**
 * A git folder of the command's own in place of a linked worktree's. What names programs or other places is a mount that cannot be written,
 * and so is the folder around it, which else could be renamed away from under it.
 */
export async function mountPrivateGit(worktree: string, folder: string): Promise<SandboxStep[]> {
  const pointer = join(worktree, '.git')
  const own = (await stat(pointer)).isDirectory() ? null : await readPointer(pointer, worktree)
  if (own === null) return []
  const place = privateGit(await realpath(folder))
  const modules = await stat(join(own, 'modules')).catch(() => null)
  return [
    { kind: 'open', source: place.own, path: own },
    { kind: 'open', source: place.common, path: join(own, 'common') },
    ...Object.entries(place.fixed).map(([path, source]) => ({ kind: 'show', source, path: join(own, path) }) as const),
    ...(modules === null ? [] : [{ kind: 'show', source: join(own, 'modules'), path: join(own, 'modules') } as const]),
  ]
}

async function readPointer(file: string, source: string): Promise<string | null> {
  const pointer = /^gitdir: (.+)$/m.exec(await readFile(file, 'utf8'))?.[1]
  return pointer === undefined ? null : realpath(resolve(source, pointer)).catch(() => null)
}

/** Folders of other repositories that lend their objects. Git itself follows five in a row. */
async function findAlternates(objects: string, depth = 5): Promise<string[]> {
  const text = await readFile(join(objects, 'info/alternates'), 'utf8').catch(() => '')
  const named = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const found = await mapLimit(named, 8, (line) => realpath(resolve(objects, line)).catch(() => null))
  const folders = found.filter((path) => path !== null)
  const further = depth === 0 ? [] : await mapLimit(folders, 8, (folder) => findAlternates(folder, depth - 1))
  return [...folders, ...further.flat()]
}
