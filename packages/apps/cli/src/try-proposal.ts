import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { tryToolchain, untried, type Toolchain, type TrialOptions, type TriedToolchain } from '@coxswain/adoption'
import {
  ensureStateFolder,
  readEnvironment,
  removeWorktree,
  scrubEnvironment,
  stateFolder,
  type Repository,
} from '@coxswain/host'
import { findSandbox, sandboxCommand } from '@coxswain/sandbox'
import { isCoxError, minutes } from '@coxswain/kernel'
import { holdSignals } from './hold-signals.ts'

const limits = { setup: minutes(10), gate: minutes(5) }

/** On the last commit, contained, below the state folder; whatever ends it, nothing of it is left. @throws CoxError INTERRUPTED */
export async function tryProposal(
  proposal: Toolchain,
  { repository, say }: { readonly repository: Repository; readonly say: (line: string) => void },
): Promise<TriedToolchain> {
  const environment = readEnvironment()
  const state = stateFolder(repository, environment)
  try {
    ensureStateFolder(state)
  } catch (error) {
    if (!isCoxError(error, 'STATE_FOLDER_UNUSABLE')) throw error
    return untried(proposal, error.message)
  }
  await removeLeftovers(repository, state.root)
  const folder = join(state.root, `${trialPrefix}${process.pid}`)
  const caches = join(folder, 'caches')
  const interrupt = new AbortController()
  using signals = holdSignals(() => interrupt.abort())
  try {
    return await tryToolchain(proposal, {
      repository,
      path: join(folder, 'tree'),
      contain: await createContain(caches, say),
      env: trialEnvironment(environment, caches),
      limits,
      say,
      signal: interrupt.signal,
    })
  } catch (error) {
    signals.throwIfSent('Interrupted while the proposal was tried; what it made is removed, and no file was written')
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const trialPrefix = 'trial-'

/** Of trials that were killed. */
async function removeLeftovers(repository: Repository, root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(trialPrefix) || isAlive(Number(name.slice(trialPrefix.length)))) continue
    await removeWorktree(repository.git, join(root, name, 'tree'))
    await rm(join(root, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function createContain(caches: string, say: (line: string) => void): Promise<TrialOptions['contain']> {
  await mkdir(caches, { recursive: true })
  const sandbox = await findSandbox(readEnvironment())
  if (sandbox.kind === 'none') {
    say(`not contained: ${sandbox.reason}`)
    return async (command) => command
  }
  return (command, { worktree, isSetup }) =>
    sandboxCommand({ sandbox, command, cwd: worktree, worktree, writable: [caches], network: isSetup ? 'full' : 'none' })
}

/** Caches of its own: what is tried neither reads what others left nor leaves anything to them. */
function trialEnvironment(environment: Readonly<Record<string, string>>, caches: string): Record<string, string> {
  return {
    ...scrubEnvironment(environment, ['HOME', 'NODE_OPTIONS']),
    CI: '1',
    XDG_CACHE_HOME: caches,
    npm_config_cache: join(caches, 'npm'),
    PNPM_HOME: join(caches, 'pnpm'),
    YARN_CACHE_FOLDER: join(caches, 'yarn'),
    YARN_GLOBAL_FOLDER: join(caches, 'yarn-global'),
    BUN_INSTALL_CACHE_DIR: join(caches, 'bun'),
    GOCACHE: join(caches, 'go-build'),
    GOMODCACHE: join(caches, 'go-mod'),
    GOFLAGS: '-modcacherw',
    CARGO_HOME: join(caches, 'cargo'),
  }
}
