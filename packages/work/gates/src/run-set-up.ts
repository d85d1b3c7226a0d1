import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startDetached } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import type { Containment } from './containment.ts'
import { excerptOf } from './excerpt.ts'
import { isKillFromOutside, maxAttempts } from './run-gate.ts'
import { removeFolder } from './remove-folder.ts'
import type { Setup } from './setup-key.ts'

export interface SetUpRun {
  readonly setup: Setup
  /** A working tree that no agent has written to. */
  readonly path: string
  /** Holds the process; one of the same key that lives there is joined. */
  readonly dir: string
  readonly key: string
  /** What package managers keep; nothing else writes there. */
  readonly caches: string
  readonly environment: Readonly<Record<string, string>>
  readonly contain: Containment['contain']
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

/** True where an earlier life of ours started this set-up and nobody ended it. */
export async function isSetUpUnderWay({ dir, key }: Pick<SetUpRun, 'dir' | 'key'>): Promise<boolean> {
  return !existsSync(join(dir, 'cut')) && (await readFile(join(dir, 'key'), 'utf8').catch(() => null)) === key
}

/** Null on success; else what the command printed. @throws the reason of the signal that ended it */
export async function runSetUp(run: SetUpRun, attempt = 1): Promise<string | null> {
  const { setup, dir, path, caches } = run
  await mkdir(caches, { recursive: true })
  const place = { cwd: path, worktree: path, writable: [caches], readable: [], overlays: [], network: setup.network }
  const command = await run.contain(setup.command, place)
  const pnpmVariables = usesPnpm(path) || setup.command.join(' ').includes('pnpm') ? forOlderPnpm(caches) : {}
  const started = await startDetached({
    dir,
    key: run.key,
    command: ['/bin/sh', '-c', 'exec "$@" 2>&1', 'setup', ...command],
    cwd: path,
    env: { ...run.environment, ...cacheVariables(caches), ...importByCopy, ...pnpmVariables, ...withoutHooks },
    input: 'none',
  })
  const limit = AbortSignal.timeout(setup.timeout)
  const exit = await started.exited(AbortSignal.any([run.interrupt, run.shutdown, limit])).catch(() => null)
  run.shutdown.throwIfAborted()
  await started.stop({ grace: seconds(1) })
  if (run.interrupt.aborted) {
    await removeFolder(dir)
    throw run.interrupt.reason
  }
  if (exit?.exitCode === 0) return null
  const output = excerptOf(await readFile(join(dir, 'out'), 'utf8').catch(() => ''))
  await removeFolder(dir)
  if (exit !== null && isKillFromOutside(exit.exitCode) && attempt < maxAttempts) return runSetUp(run, attempt + 1)
  const how = limit.aborted ? `it ran longer than ${setup.timeout / 1000} s` : `exit code ${exit?.exitCode ?? 'none'}`
  return `\`${setup.command.join(' ')}\`: ${how}.\n${output}`
}

/** The home folder is not writable: package managers keep theirs here. */
export function cacheVariables(caches: string): Record<string, string> {
  return {
    XDG_CACHE_HOME: caches,
    npm_config_cache: join(caches, 'npm'),
    pnpm_config_store_dir: join(caches, 'pnpm-store'),
    YARN_CACHE_FOLDER: join(caches, 'yarn'),
    YARN_GLOBAL_FOLDER: join(caches, 'yarn-berry'),
    BUN_INSTALL_CACHE_DIR: join(caches, 'bun'),
    PIP_CACHE_DIR: join(caches, 'pip'),
    GOCACHE: join(caches, 'go-build'),
  }
}

/** Before its version 11 pnpm reads variables of npm, and npm warns, to each one that calls it, of those that it does not know. */
export function forOlderPnpm(caches: string): Record<string, string> {
  return { npm_config_store_dir: join(caches, 'pnpm-store'), npm_config_package_import_method: 'clone-or-copy' }
}

export function usesPnpm(tree: string): boolean {
  return existsSync(join(tree, 'pnpm-lock.yaml'))
}

/** A hard link into a shared store is a door: who writes the file in one tree changes it in all. */
const importByCopy = {
  pnpm_config_package_import_method: 'clone-or-copy',
  YARN_NM_MODE: 'classic',
  BUN_INSTALL_BACKEND: 'copyfile',
  UV_LINK_MODE: 'copy',
}

/** The repository's hooks are not for a tree that is thrown away, and its git folder is read-only. */
const withoutHooks = { HUSKY: '0', LEFTHOOK: '0', SKIP_INSTALL_SIMPLE_GIT_HOOKS: '1' }
