import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { createBackend } from '@coxswain/daemon'
import { seconds } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'

/** What an adapter found out. */
export type AgentProbe = Awaited<ReturnType<ReturnType<typeof createBackend>['probe']>>

export interface ProbeRequest {
  readonly agent: string
  readonly config: HarnessConfig
  /** The user's. */
  readonly environment: Readonly<Record<string, string>>
  /** The repository, or the folder that was asked about. */
  readonly cwd: string
}

const patience = seconds(45)

/** Looks at an agent, and lets its adapter start it in a folder of its own; whatever was started is gone afterwards, also after Ctrl-C. */
export async function probeAgent({ agent, config, environment, cwd }: ProbeRequest): Promise<AgentProbe> {
  const { agentEnvironment, createBackend } = await import('@coxswain/daemon')
  const backend = createBackend(agent, config, environment)
  const folder = await mkdtemp(join(tmpdir(), 'cox-doctor-'))
  const interrupted = new AbortController()
  const interrupt = (signal: NodeJS.Signals): void => interrupted.abort(signal)
  for (const signal of stopping) process.once(signal, interrupt)
  try {
    return await backend.probe({
      environment,
      signal: AbortSignal.any([AbortSignal.timeout(patience), interrupted.signal]),
      trial: { folder, cwd, environment: agentEnvironment(agent, config, environment) },
    })
  } finally {
    for (const signal of stopping) process.removeListener(signal, interrupt)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    // With our listener gone it ends us, as it would have.
    if (interrupted.signal.aborted) process.kill(process.pid, interrupted.signal.reason)
  }
}

const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
