import { lstat, readFile, realpath } from 'node:fs/promises'

/** Every socket with a path that some process holds now: a mount that is read-only keeps nobody from connecting to one. */
export async function liveSockets(): Promise<string[]> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '')
  const paths = table.split('\n').flatMap((line) => /^(?:\S+ +){7}(\/.*)$/.exec(line)?.[1] ?? [])
  const found = await Promise.all([...new Set(paths)].map(realSocket))
  return found.filter((path) => path !== null)
}

async function realSocket(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSocket() ? await realpath(path) : null
  } catch {
    return null
  }
}
