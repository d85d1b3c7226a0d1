import type { AgentBackend } from '@coxswain/agents'
import { conformanceFailures, type ConformanceTarget } from '@coxswain/agents/testing'
import { createClaudeBackend } from '../create-claude-backend.ts'
import { claudeTarget } from './claude-target.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createClaudeBackend({ environment, sandbox: 'none' })
}

const shown = 'the same program shows it in bubblewrap'

/** Claude where bubblewrap is missing: what it may do is asked. */
export const claudeWithoutSandboxTarget: ConformanceTarget = {
  ...claudeTarget,
  createBackend,
  backendModule: import.meta.url,
  sandbox: 'none',
  off: {
    'hostile-program': shown,
    ...Object.fromEntries(conformanceFailures.map((failure) => [`failure-${failure}`, shown])),
  },
}
