import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  findSandbox,
  openEgressProxy,
  personsPaths,
  proxyFolder,
  sandboxCommand,
  type StateFolder,
  type UsableSandbox,
} from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'
import type { RunServices } from '@coxswain/runs'
import type { LiveConfig } from './live-config.ts'

export interface Containment {
  readonly contain: RunServices['contain']
  readonly environment: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  close(): Promise<void>
}

export interface ContainmentOptions {
  readonly config: LiveConfig
  readonly folder: StateFolder
  /** The person's. */
  readonly environment: Readonly<Record<string, string>>
}

/** Gates run what the agent wrote: they are contained like the agent, with caches of their own. @throws CoxError SANDBOX_MISSING */
export async function createContainment(options: ContainmentOptions): Promise<Containment> {
  const { config, folder, environment } = options
  const open = { contain: async (command: readonly string[]) => command, environment: {}, close: async () => {} }
  const { sandbox: policy } = config.current
  if (policy === 'off')
    return { ...open, warnings: ['The sandbox is off: gates and agents without their own can write everywhere.'] }
  const sandbox = await findSandbox(environment)
  if (sandbox.kind === 'none') {
    if (policy === 'required')
      throw new CoxError('SANDBOX_MISSING', `The harness requires a sandbox, and there is none: ${sandbox.reason}`, {
        hint: sandbox.hint,
      })
    return {
      ...open,
      warnings: [`No sandbox: ${sandbox.reason}. Gates and agents without their own can write everywhere. ${sandbox.hint}`],
    }
  }
  const caches = join(folder.root, 'gate-caches')
  await mkdir(caches, { recursive: true })
  // Also where no command is told to use it: the harness file may say so at any time.
  const proxy = await openEgressProxy({ folder: proxyFolder(environment) })
  return {
    contain: containIn({ ...options, sandbox, caches }),
    environment: cacheVariables(caches),
    warnings: openSockets(config.current),
    close: () => proxy.close(),
  }
}

function containIn({
  sandbox,
  caches,
  config,
  environment,
}: ContainmentOptions & { readonly sandbox: UsableSandbox; readonly caches: string }): RunServices['contain'] {
  return async (command, worktree, sockets = []) =>
    sandboxCommand({
      sandbox,
      command,
      cwd: worktree,
      worktree,
      writable: [caches],
      readable: personsPaths(config.current.readable, environment),
      sockets: personsPaths(sockets, environment),
      network: config.current.network,
      environment,
    })
}

/** The person's home is read-only: what tools keep for the next time goes here. */
function cacheVariables(caches: string): Readonly<Record<string, string>> {
  return {
    XDG_CACHE_HOME: caches,
    npm_config_cache: join(caches, 'npm'),
    npm_config_store_dir: join(caches, 'pnpm-store'),
    YARN_CACHE_FOLDER: join(caches, 'yarn'),
    GOCACHE: join(caches, 'go-build'),
    PIP_CACHE_DIR: join(caches, 'pip'),
  }
}

function openSockets({ gates }: HarnessConfig): string[] {
  return gates.flatMap(({ name, sockets }) =>
    sockets.map((socket) => `The gate ${name} may connect to ${socket}, which leads out of its sandbox.`),
  )
}
