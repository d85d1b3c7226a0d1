import type { Containment as GateContainment } from '@coxswain/gates'
import { type StateFolder } from '@coxswain/host'
import {
  canOverlay,
  findSandbox,
  isPartial,
  openEgressProxy,
  personsPaths,
  proxyFolder,
  sandboxCommand,
  type UsableSandbox,
} from '@coxswain/sandbox'
import { CoxError } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'

export interface Containment extends GateContainment {
  readonly isContained: boolean
  readonly warnings: readonly string[]
  close(): Promise<void>
}

export interface ContainmentOptions {
  readonly config: HarnessConfig
  readonly folder: StateFolder
  /** The person's. */
  readonly environment: Readonly<Record<string, string>>
}

/** Gates run what the agent wrote: they are contained like the agent. @throws CoxError SANDBOX_MISSING */
export async function createContainment(options: ContainmentOptions): Promise<Containment> {
  const { config, environment } = options
  const open = {
    isContained: false,
    canOverlay: async () => false,
    contain: async (command: readonly string[]) => command,
    close: async () => {},
  }
  const { sandbox: policy } = config
  if (policy === 'off')
    return { ...open, warnings: ['The sandbox is off: gates and agents without their own can write everywhere.'] }
  const sandbox = await findSandbox(environment)
  if (sandbox.kind === 'none') {
    if (policy !== 'auto')
      throw new CoxError('SANDBOX_MISSING', `The harness requires a sandbox, and there is none: ${sandbox.reason}`, {
        hint: sandbox.hint,
      })
    return {
      ...open,
      warnings: [`No sandbox: ${sandbox.reason}. Gates and agents without their own can write everywhere. ${sandbox.hint}`],
    }
  }
  const isPart = isPartial(sandbox)
  if (isPart && policy === 'required')
    throw new CoxError(
      'SANDBOX_MISSING',
      `The harness requires a sandbox, and here it is partial: ${partialReasons[sandbox.kind] ?? sandbox.kind}`,
      {
        hint: 'Allow unprivileged user namespaces, or accept it with `sandbox: partial`.',
      },
    )
  // Also where no command is told to use it: the harness file may say so at any time.
  const proxy = await openEgressProxy({ folder: proxyFolder(environment) })
  return {
    isContained: true,
    canOverlay: (place) => canOverlay(sandbox, place),
    contain: containIn({ ...options, sandbox }),
    warnings: [
      ...(isPart
        ? [`The sandbox is partial: ${partialReasons[sandbox.kind] ?? sandbox.kind}. Nothing lands without approval.`]
        : []),
      ...openSockets(config),
    ],
    close: () => proxy.close(),
  }
}

export interface Containments {
  /** Made once for each harness that wants another one. @throws CoxError SANDBOX_MISSING */
  under(config: HarnessConfig): Promise<Containment>
  close(): Promise<void>
}

export function openContainments(options: Omit<ContainmentOptions, 'config'>): Containments {
  const made = new Map<string, Promise<Containment>>()
  return {
    under: (config) => {
      const key = JSON.stringify([config.sandbox, config.network, config.readable])
      const containment = made.get(key) ?? createContainment({ ...options, config })
      made.set(key, containment)
      containment.catch(() => made.delete(key)) // what is missing may be installed
      return containment
    },
    close: async () => {
      for (const containment of made.values()) await (await containment).close()
    },
  }
}

function containIn({
  sandbox,
  config,
  environment,
}: ContainmentOptions & { readonly sandbox: UsableSandbox }): GateContainment['contain'] {
  return async (command, { readable, sockets = [], ...place }) =>
    sandboxCommand({
      ...place,
      sandbox,
      command,
      readable: [...readable, ...personsPaths(config.readable, environment)],
      sockets: personsPaths(sockets, environment),
      environment,
    })
}

const partialReasons: Readonly<Partial<Record<UsableSandbox['kind'], string>>> = {
  landlock:
    'the machine forbids namespaces, and Landlock keeps no single file of a worktree from being written and shows other processes',
  seatbelt: 'the profile for macOS was never tried',
}

function openSockets({ gates }: HarnessConfig): string[] {
  return gates.flatMap(({ name, sockets }) =>
    sockets.map((socket) => `The gate ${name} may connect to ${socket}, which leads out of its sandbox.`),
  )
}
