import { noUsage, type AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget } from '@coxswain/agents/testing'
import { agentProgramFolder, editUsage, openAgentWorld } from '@coxswain/testing'
import { createAcpBackend } from '../acp-backend.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: 'gemini', environment })
}

/** The real Gemini CLI over ACP, pointed at the scripted model by its own variables. */
export const geminiTarget: ConformanceTarget = {
  name: 'acp:gemini',
  createBackend,
  backendModule: import.meta.url,
  model: 'gemini-2.5-pro',
  sandbox: 'bubblewrap',
  // It counts cached tokens as input, and no tokens of thinking.
  editUsage: { ...noUsage, input: editUsage.input + editUsage.cachedInput, output: editUsage.output - editUsage.reasoning },
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: () =>
    openAgentWorld({
      programFolders: [agentProgramFolder()],
      prepare: async ({ modelUrl }) => ({ GEMINI_API_KEY: 'scripted-model-key-0123456789', GOOGLE_GEMINI_BASE_URL: modelUrl }),
    }),
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
    steer: 'the standard has no steering, and gemini has no extension for it',
    'hostile-program': 'shown with the scripted agent',
  },
}
