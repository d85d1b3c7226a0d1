import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import { readEnvironment, stateBase } from '@coxswain/host'

type Environment = Readonly<Record<string, string>>

/** Folders of which a contained command sees nothing but what a plan brings back. Real paths of folders that exist. */
export interface HiddenFolders {
  /** Empty and writable. */
  readonly private: readonly string[]
  readonly hidden: readonly string[]
  /** Files that are empty. */
  readonly emptied: readonly string[]
  /** Homes of the person, all of them hidden: what is allowed in one comes back. */
  readonly homes: readonly string[]
  /** Our own state and caches, hidden too: of them only installed packages are programs. */
  readonly own: readonly string[]
}

/** Sockets lie in all of these, too, and accept connections on a read-only mount as well. */
const privateFolders = ['/tmp', '/run', '/var/run', '/var/tmp']

/** Homes of everybody, and disks that somebody plugged in. */
const foldersOfOthers = ['/home', '/root', '/mnt', '/media']

/** `root`: of the file system. Where it is somebody's home, as in containers, what a home keeps out of sight is hidden entry by entry. */
export async function hiddenFolders(environment: Environment, root = '/'): Promise<HiddenFolders> {
  const people = [environment, readEnvironment()]
  const homes = await foldersThere([...people.map(({ HOME = '' }) => HOME), accountHome()])
  const atRoot = homes.includes(root) ? await dotEntries(root) : { folders: [], files: [] }
  const own = await realFolders(people.flatMap((env) => [stateBase(env), join(cacheBase(env), 'coxswain')]))
  const runtime = await realFolders(people.map(({ XDG_RUNTIME_DIR = '' }) => XDG_RUNTIME_DIR))
  const privates = await realFolders(privateFolders)
  const hidden = [...(await realFolders(foldersOfOthers)), ...homes, ...atRoot.folders, ...own, ...runtime]
  return {
    private: privates,
    hidden: [...new Set(hidden)].filter((path) => path !== root && !privates.includes(path)),
    emptied: atRoot.files,
    homes,
    own,
  }
}

/** A user id may have no account at all. */
function accountHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return ''
  }
}

function cacheBase({ XDG_CACHE_HOME: cache = '', HOME: home = '' }: Environment): string {
  return isAbsolute(cache) ? cache : join(home, '.cache')
}

interface Entries {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/** Links lead to folders that are judged by themselves. */
async function dotEntries(folder: string): Promise<Entries> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => name.startsWith('.'))
  const pathsOf = (isWanted: (entry: Dirent) => boolean): string[] =>
    entries.filter(isWanted).map(({ name }) => join(folder, name))
  return { folders: pathsOf((entry) => entry.isDirectory()), files: pathsOf((entry) => entry.isFile()) }
}

/** The root of the file system cannot be hidden. */
async function realFolders(paths: readonly string[]): Promise<string[]> {
  return (await foldersThere(paths)).filter((path) => path !== '/')
}

async function foldersThere(paths: readonly string[]): Promise<string[]> {
  const found = await mapLimit(paths.filter(isAbsolute), 8, realFolder)
  return [...new Set(found.filter((path) => path !== null))]
}

async function realFolder(path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null)
  return real !== null && (await stat(real)).isDirectory() ? real : null
}
