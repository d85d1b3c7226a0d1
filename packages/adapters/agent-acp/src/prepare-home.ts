import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { atomicWrite, makePrivateFolder, replaceLink } from '@coxswain/host'
import { mapLimit } from '@coxswain/kernel'
import { ownFolder } from '@coxswain/sandbox'

export interface HomeOptions {
  /** Gets `home` and `tmp`. */
  readonly stateDir: string
  /** Relative to the home; replaced each time. */
  readonly files: Readonly<Record<string, string>>
  readonly links: readonly HomeLink[]
}

/** A file or folder of the user's that shows up in the private home, where it exists. */
export interface HomeLink {
  readonly from: string
  /** Relative to the home. */
  readonly to: string
  /** For tokens that are refreshed: a copy would go stale, and so would the user's own file. */
  readonly isWritable: boolean
}

export interface PrivateHome {
  /** HOME, TMPDIR and the XDG folders. */
  readonly env: Readonly<Record<string, string>> & { readonly HOME: string }
  /** What a sandbox must leave writable, and what it must show. */
  readonly writable: readonly string[]
  readonly readable: readonly string[]
}

/** A home of a program's own, so that it neither meets nor changes the user's settings, histories and caches. */
export async function prepareHome(options: HomeOptions): Promise<PrivateHome> {
  const home = join(options.stateDir, 'home')
  const temp = join(options.stateDir, 'tmp')
  for (const folder of [home, temp]) await makePrivateFolder(folder)
  for (const [path, content] of Object.entries(options.files)) {
    await ownFolder(home, dirname(path))
    await atomicWrite(join(home, path), content, 0o600)
  }
  const links = await mapLimit(options.links, 8, (link) => linkInto(home, link))
  const targets = (isWritable: boolean): string[] =>
    links.flatMap((link) => (link?.isWritable === isWritable ? [link.target] : []))
  return { env: environmentOf(home, temp), writable: [home, temp, ...targets(true)], readable: targets(false) }
}

function environmentOf(home: string, temp: string): PrivateHome['env'] {
  return {
    HOME: home,
    TMPDIR: temp,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_CACHE_HOME: join(home, '.cache'),
  }
}

/** What already stands at the place is newer than the link and stays. */
async function linkInto(home: string, link: HomeLink): Promise<{ target: string; isWritable: boolean } | null> {
  const target = await realpath(link.from).catch(() => null)
  if (target === null) return null
  const place = join(home, link.to)
  await ownFolder(home, dirname(link.to))
  const isTaken = await lstat(place).then(
    () => true,
    () => false,
  )
  if (!isTaken) await replaceLink(target, place)
  return { target, isWritable: link.isWritable }
}
