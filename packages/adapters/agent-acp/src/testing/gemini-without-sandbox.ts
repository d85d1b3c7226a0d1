import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget } from '@coxswain/agents/testing'
import { createAcpBackend } from '../acp-backend.ts'
import { approvalsOnly } from './approvals-only.ts'
import { geminiTarget } from './gemini-target.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: 'gemini', environment, sandbox: 'none' })
}

/** Gemini where bubblewrap is missing: what it may do is asked. */
export const geminiWithoutSandboxTarget: ConformanceTarget = {
  ...geminiTarget,
  createBackend,
  backendModule: import.meta.url,
  sandbox: 'none',
  off: approvalsOnly,
}
