import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget, ConformanceWorld } from '@coxswain/agents/testing'
import { agentProgramFolder, editUsage, openAgentWorld, writeHostileProgram, type ModelScript } from '@coxswain/testing'
import { createClaudeBackend } from '../create-claude-backend.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createClaudeBackend({ environment })
}

/** The real Claude Code in bubblewrap, pointed at the scripted model by its own variables. */
export const claudeTarget: ConformanceTarget = {
  name: 'claude',
  createBackend,
  backendModule: import.meta.url,
  model: null,
  sandbox: 'bubblewrap',
  // The scripted service tells no thinking tokens.
  editUsage: { ...editUsage, reasoning: 0 },
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: () => openClaudeWorld({}),
  createHostileBackend: async ({ environment }) => {
    const program = await writeHostileProgram({ name: 'claude', environment })
    return createClaudeBackend({ environment, program })
  },
  failures: {
    unauthorized: 'auth',
    'rate-limited': 'rate-limited',
    'usage-limit': 'usage-limit',
    quota: 'usage-limit',
    overloaded: 'overloaded',
    'server-error': 'overloaded',
    'bad-request': 'invalid-request',
    'model-not-found': 'invalid-request',
    'context-overflow': 'context-overflow',
    'output-limit': 'output-limit',
    refusal: 'refused',
    'stream-cut': 'stream-cut',
    disconnect: 'stream-cut',
    garbage: 'stream-cut',
    unreachable: 'unreachable',
  },
  off: {
    'approve-accept': 'in bubblewrap nothing needs to be asked; shown by the suite without a sandbox',
    'approve-decline': 'in bubblewrap nothing needs to be asked; shown by the suite without a sandbox',
  },
}

/** A user of Claude Code whose model answers `script` beside the scenarios of the suite. */
export function openClaudeWorld(
  script: ModelScript,
  variables: Readonly<Record<string, string>> = {},
): Promise<ConformanceWorld> {
  return openAgentWorld({
    programFolders: [agentProgramFolder()],
    script,
    prepare: async ({ modelUrl }) => ({
      ANTHROPIC_BASE_URL: modelUrl,
      ANTHROPIC_API_KEY: 'sk-ant-scripted-model-key-0123456789',
      CLAUDE_CODE_MAX_RETRIES: '1',
      ...variables,
    }),
  })
}
