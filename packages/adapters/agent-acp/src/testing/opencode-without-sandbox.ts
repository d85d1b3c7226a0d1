import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget } from '@coxswain/agents/testing'
import { createAcpBackend } from '../acp-backend.ts'
import { approvalsOnly } from './approvals-only.ts'
import { opencodeTarget, openOpencodeWorld } from './opencode-target.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: 'opencode', environment, sandbox: 'none' })
}

/** Opencode where bubblewrap is missing: what it may do is asked. */
export const opencodeWithoutSandboxTarget: ConformanceTarget = {
  ...opencodeTarget,
  createBackend,
  backendModule: import.meta.url,
  sandbox: 'none',
  openWorld: () => openOpencodeWorld({ bash: 'ask' }),
  off: {
    ...approvalsOnly,
    'approve-decline': 'opencode ends its turn at a refusal, without the last words that the suite waits for',
  },
}
