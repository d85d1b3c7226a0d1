import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget } from '@coxswain/agents/testing'
import { agentProgramFolder, editUsage, openAgentWorld } from '@coxswain/testing'
import { createAcpBackend } from '../acp-backend.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: 'opencode', environment })
}

/** The real opencode, told by its user's configuration that its model is the scripted one. */
export const opencodeTarget: ConformanceTarget = {
  name: 'acp:opencode',
  createBackend,
  backendModule: import.meta.url,
  model: 'scripted/gpt-5.5',
  sandbox: 'bubblewrap',
  editUsage,
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: () =>
    openAgentWorld({
      programFolders: [agentProgramFolder()],
      prepare: async ({ home, modelUrl }) => {
        await mkdir(join(home, '.config/opencode'), { recursive: true })
        await writeFile(join(home, '.config/opencode/opencode.json'), JSON.stringify(configuration(modelUrl)))
        return {}
      },
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
    steer: 'the standard has no steering, and opencode has no extension for it',
    'hostile-program': 'shown with the scripted agent',
  },
}

function configuration(modelUrl: string): unknown {
  return {
    $schema: 'https://opencode.ai/config.json',
    model: 'scripted/gpt-5.5',
    small_model: 'scripted/gpt-5.5',
    permission: { external_directory: 'ask' },
    provider: {
      scripted: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Scripted',
        options: { baseURL: `${modelUrl}/v1`, apiKey: 'scripted-model-key-0123456789' },
        models: { 'gpt-5.5': { name: 'Scripted', limit: { context: 200_000, output: 32_000 } } },
      },
    },
  }
}
