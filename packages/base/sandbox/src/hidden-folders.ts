import { realpath, stat } from 'node:fs/promises'
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
  /** Homes of the person, all of them hidden: what is allowed in one comes back. */
  readonly homes: readonly string[]
  /** Our own state and caches, hidden too: of them only installed packages are programs. */
  readonly own: readonly string[]
}

/** Sockets lie in all of these, too, and accept connections on a read-only mount as well. */
const privateFolders = ['/tmp', '/run', '/var/run', '/var/tmp']

/** Homes of everybody, and disks that somebody plugged in. */
const foldersOfOthers = ['/home', '/root', '/mnt', '/media']

export async function hiddenFolders(environment: Environment): Promise<HiddenFolders> {
  const people = [environment, readEnvironment()]
  const homes = await realFolders([...people.map(({ HOME = '' }) => HOME), accountHome()])
  const own = await realFolders(people.flatMap((env) => [stateBase(env), join(cacheBase(env), 'coxswain')]))
  const runtime = await realFolders(people.map(({ XDG_RUNTIME_DIR = '' }) => XDG_RUNTIME_DIR))
  const privates = await realFolders(privateFolders)
  const hidden = [...(await realFolders(foldersOfOthers)), ...homes, ...own, ...runtime]
  return {
    private: privates,
    hidden: [...new Set(hidden)].filter((path) => !privates.includes(path)),
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

async function realFolders(paths: readonly string[]): Promise<string[]> {
  const found = await mapLimit(paths.filter(isAbsolute), 8, realFolder)
  return [...new Set(found.filter((path) => path !== null && path !== '/'))].filter((path) => path !== null)
}

async function realFolder(path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null)
  return real !== null && (await stat(real)).isDirectory() ? real : null
}
