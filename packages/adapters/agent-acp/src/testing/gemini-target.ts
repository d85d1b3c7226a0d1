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
    'stream-cut': 'stream-cut',
    disconnect: 'unreachable',
    garbage: 'stream-cut',
    unreachable: 'unreachable',
  },
  off: {
    'approve-accept': 'in bubblewrap nothing outside can be written, asked or not; shown by the suite without a sandbox',
    'approve-decline': 'in bubblewrap nothing outside can be written, asked or not; shown by the suite without a sandbox',
    steer: 'the standard has no steering, and gemini has no extension for it',
    command: 'gemini tells neither the exit code nor the output of a command',
    'huge-line': 'gemini hands all nine megabytes to its model and then says that the window is full',
    'failure-output-limit': 'gemini ends such a turn like any other',
    'failure-refusal': 'gemini ends such a turn like any other',
    'hostile-program': 'shown with the scripted agent',
  },
}
