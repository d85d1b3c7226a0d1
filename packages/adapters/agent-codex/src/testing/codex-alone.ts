import type { AgentBackend } from '@coxswain/agents'
import { conformanceFailures, type ConformanceTarget } from '@coxswain/agents/testing'
import { createCodexBackend } from '../create-codex-backend.ts'
import { codexTarget } from './codex-target.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createCodexBackend({ environment, sandbox: 'none' })
}

const shown = 'the same program shows it in our sandbox'

/** Codex in its own sandbox alone, where ours does not work: what it denies is asked for. */
export const codexAloneTarget: ConformanceTarget = {
  ...codexTarget,
  createBackend,
  backendModule: import.meta.url,
  off: {
    'hostile-program': shown,
    ...Object.fromEntries(conformanceFailures.map((failure) => [`failure-${failure}`, shown])),
  },
}
