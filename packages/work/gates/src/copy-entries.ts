import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readEnvironment, runCommand } from '@coxswain/host'

const pathsAtOnce = 400

/** Copies files and folders with their modes, times and links as they are; by reference where the file system can, never by hard link. */
export async function copyEntries(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (let at = 0; at < paths.length; at += pathsAtOnce) {
    const some = paths.slice(at, at + pathsAtOnce)
    const command = ['cp', '-a', '--reflink=auto', '--parents', '-t', to, '--', ...some.map((path) => `./${path}`)]
    const { exitCode } = await runCommand({ command, cwd: from, env: readEnvironment() })
    if (exitCode !== 0) for (const path of some) await copyPlainly(from, to, path)
  }
}

/** Where `cp` is another one than GNU's. */
async function copyPlainly(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true })
  await cp(join(from, path), join(to, path), {
    recursive: true,
    force: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  })
}
