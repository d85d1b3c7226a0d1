import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePrivateFolder } from '../files/private-folder.ts'
import { copyIndex } from './copy-index.ts'
import { gitFailed, type Git } from './open-git.ts'
import { privateSettings } from './private-settings.ts'

/** A git folder for a contained command: where its parts lie, and what each is mounted over. */
export interface PrivateGit {
  /** In place of the worktree's own folder: HEAD, index, state of a merge. */
  readonly own: string
  /** At `own/common`, in place of what the worktrees of a repository share: refs, stash, new objects. */
  readonly common: string
  /** By their path in `own`: files that the command may read only, because they name programs and places of other files. */
  readonly fixed: Readonly<Record<string, string>>
}

export function privateGit(folder: string): PrivateGit {
  return {
    own: join(folder, 'own'),
    common: join(folder, 'common'),
    fixed: { commondir: join(folder, 'fixed/commondir'), 'common/config': join(folder, 'fixed/config') },
  }
}

/**
 * Makes a private git folder for a worktree, or brings one to what the worktree is at now: HEAD, index and refs. The objects are those of the
 * repository, by reference.
 *
 * A command may have written anything there, and may be alive: nothing in it is read or followed, and what is in the way is moved aside. Our
 * own git must never run on it.
 */
export async function refreshPrivateGit(worktree: Git, folder: string): Promise<void> {
  const real = worktree.folders()
  const place = privateGit(folder)
  for (const path of [place.own, place.common, join(folder, 'fixed'), join(folder, 'staged'), asideOf(folder)])
    await makePrivateFolder(path)
  if (!existsSync(join(folder, 'ready'))) await makeAnew({ worktree, folder, place, common: real.common })
  await putAside(place.own, folder)
  const put = placer(folder)
  await put(join(place.common, 'packed-refs'), await packedRefs(worktree))
  await put(join(place.own, 'HEAD'), `${await worktree.run(['rev-parse', '--verify', 'HEAD^{commit}'])}\n`)
  for (const name of (await readdir(real.own)).filter((entry) => /^(?:index|sharedindex\.[0-9a-f]+)$/.test(entry)))
    await put(join(place.own, name), { indexOf: join(real.own, name) })
  await putSparseness(real.own, place.own, folder)
}

/** As a whole: below a folder that a command may replace, nothing is written. */
async function putSparseness(from: string, to: string, folder: string): Promise<void> {
  if (!existsSync(join(from, 'info/sparse-checkout'))) return
  const staged = join(folder, 'staged', randomBytes(8).toString('hex'))
  await mkdir(staged)
  await copyFile(join(from, 'info/sparse-checkout'), join(staged, 'sparse-checkout'))
  await rename(staged, join(to, 'info'))
}

/** Where that goes of a worktree which must not be removed while a command lives that could lead the removal astray. */
export function asideOf(folder: string): string {
  return join(folder, 'aside')
}

/** Whether a stash was left there. */
export function holdsStash(folder: string): boolean {
  return lstatSync(join(privateGit(folder).common, 'refs/stash'), { throwIfNoEntry: false }) !== undefined
}

/** When everything that could write there has ended. */
export async function removePrivateGit(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

interface Making {
  readonly worktree: Git
  readonly folder: string
  readonly place: PrivateGit
  /** The repository's. */
  readonly common: string
}

/** What stays as it is while a command lives: what is mounted is known by its inode. */
async function makeAnew({ worktree, folder, place, common }: Making): Promise<void> {
  await writeFile(place.fixed['common/config'] ?? '', await privateSettings(worktree, common))
  await writeFile(place.fixed['commondir'] ?? '', 'common\n')
  // Places to mount on.
  for (const path of [join(place.own, 'common'), join(place.own, 'modules')]) await makePrivateFolder(path)
  for (const path of [join(place.own, 'commondir'), join(place.common, 'config')]) await writeFile(path, '')
  for (const path of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info'])
    await mkdir(join(place.common, path), { recursive: true })
  await writeFile(join(place.common, 'objects/info/alternates'), `${join(common, 'objects')}\n`)
  for (const name of ['HEAD', 'shallow', 'info/exclude', 'info/attributes', 'info/grafts'])
    if (existsSync(join(common, name))) await copyFile(join(common, name), join(place.common, name))
  await writeFile(join(folder, 'ready'), '')
}

/** Mounted over, or of use beyond a turn. */
const kept = ['common', 'commondir', 'modules', 'logs']
const replaced = ['HEAD', 'index']

/**
 * Clears away what a turn left, such as a lock or half a merge. A folder goes where it cannot be reached by its name, to be removed later:
 * who holds it open could lead a removal astray.
 */
async function putAside(own: string, folder: string): Promise<void> {
  for (const entry of await readdir(own, { withFileTypes: true })) {
    const path = join(own, entry.name)
    if (kept.includes(entry.name)) continue
    if (entry.isDirectory()) await rename(path, join(asideOf(folder), randomBytes(8).toString('hex')))
    else if (!replaced.includes(entry.name)) await unlink(path)
  }
}

type Content = string | { readonly indexOf: string }

/** Writes beside and moves: a link that stands at the place is replaced and not followed. */
function placer(folder: string): (path: string, content: Content) => Promise<void> {
  return async (path, content) => {
    const staged = join(folder, 'staged', randomBytes(8).toString('hex'))
    if (typeof content === 'string') await writeFile(staged, content, { flag: 'wx' })
    else await copyIndex(content.indexOf, staged)
    await rename(staged, path)
  }
}

/** All refs but the stash, whatever the repository keeps them in. */
async function packedRefs(worktree: Git): Promise<string> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)']
  const listed = await worktree.attempt(args)
  if (listed.exitCode !== 0) throw gitFailed(worktree.cwd, args, listed)
  const isShared = (line: string): boolean => / refs\/(?!stash$|worktree\/|bisect\/|rewritten\/)/.test(line)
  return ['# pack-refs with: ', ...listed.stdout.split('\n').filter(isShared), ''].join('\n')
}
