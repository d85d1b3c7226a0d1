import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import type { Shown } from './git-paths.ts'
import type { HiddenFolders } from './hidden-folders.ts'
import { allowedInHome, secretInHome } from './home-entries.ts'
import { isWithin } from './is-within.ts'
import { sandboxFile } from './sandbox-files.ts'
import type { SandboxStep } from './sandbox-plan.ts'

/** What of the person's homes is there to be read. A link shows what it leads to. */
export async function shownHomes({ homes }: Pick<HiddenFolders, 'homes'>): Promise<Shown[]> {
  const entries = homes.flatMap((home) => allowedInHome.map((entry) => join(home, entry)))
  const sources = await mapLimit(entries, 8, (path) => realpath(path).catch(() => null))
  return entries.flatMap((path, index) => {
    const source = sources[index] ?? null
    return source === null ? [] : [{ path, source }]
  })
}

/** Secrets that lie in what is shown are taken away again: a folder is empty then, and so is a file. */
export async function cutSecrets({ homes }: Pick<HiddenFolders, 'homes'>, shown: readonly string[]): Promise<SandboxStep[]> {
  const secrets = homes.flatMap((home) => secretInHome.map((entry) => join(home, entry)))
  const within = secrets.filter((secret) => shown.some((path) => path !== secret && isWithin(secret, path)))
  const steps = await mapLimit(within, 8, cut)
  return steps.filter((step) => step !== null)
}

async function cut(path: string): Promise<SandboxStep | null> {
  const real = await realpath(path).catch(() => null)
  if (real === null) return null
  return (await stat(real)).isDirectory() ? { kind: 'hide', path: real } : emptied(real)
}

/** An empty file in place of one. */
export async function emptied(path: string): Promise<SandboxStep> {
  return { kind: 'show', source: await sandboxFile('empty', new Uint8Array()), path }
}
