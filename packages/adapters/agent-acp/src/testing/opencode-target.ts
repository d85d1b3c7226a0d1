import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noUsage, type AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget, ConformanceWorld } from '@coxswain/agents/testing'
import { agentProgramFolder, openAgentWorld } from '@coxswain/testing'
import { createAcpBackend } from '../acp-backend.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: 'opencode', environment })
}

/** The real opencode, told by its user's configuration that its model is the scripted one. */
export const opencodeTarget: ConformanceTarget = {
  name: 'acp:opencode',
  createBackend,
  backendModule: import.meta.url,
  // The name decides which tools it offers its model: one like OpenAI's would get a patch tool of its own.
  model: 'scripted/scripted-model',
  sandbox: 'bubblewrap',
  // It tells the last answer of its model only.
  editUsage: { ...noUsage, input: 100, output: 10 },
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: () => openOpencodeWorld({}),
  failures: {
    unauthorized: 'auth',
    'bad-request': 'invalid-request',
    'model-not-found': 'invalid-request',
    refusal: 'refused',
    // What passes by itself it tries again, over a minute long and in silence: the watchdog of the suite is faster.
    'rate-limited': 'stalled',
    'usage-limit': 'stalled',
    quota: 'stalled',
    overloaded: 'stalled',
    'server-error': 'stalled',
    'stream-cut': 'stalled',
    disconnect: 'stalled',
    garbage: 'stalled',
    unreachable: 'stalled',
  },
  off: {
    'failure-context-overflow': 'opencode has its model sum the conversation up, in a request that names no scenario',
    'failure-output-limit': 'opencode ends such a turn like any other',
    'approve-accept': 'in bubblewrap nothing outside can be written, asked or not; shown by the suite without a sandbox',
    'approve-decline': 'in bubblewrap nothing outside can be written, asked or not; shown by the suite without a sandbox',
    steer: 'the standard has no steering, and opencode has no extension for it',
    'hostile-program': 'shown with the scripted agent',
  },
}

/** `permission` is the user's own setting. */
export function openOpencodeWorld(permission: Readonly<Record<string, string>>): Promise<ConformanceWorld> {
  return openAgentWorld({
    programFolders: [agentProgramFolder()],
    prepare: async ({ home, modelUrl }) => {
      await mkdir(join(home, '.config/opencode'), { recursive: true })
      await writeFile(join(home, '.config/opencode/opencode.json'), JSON.stringify(configuration(modelUrl, permission)))
      return {}
    },
  })
}

function configuration(modelUrl: string, permission: Readonly<Record<string, string>>): unknown {
  return {
    $schema: 'https://opencode.ai/config.json',
    model: 'scripted/scripted-model',
    small_model: 'scripted/scripted-model',
    permission,
    provider: {
      scripted: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Scripted',
        options: { baseURL: `${modelUrl}/v1`, apiKey: 'scripted-model-key-0123456789' },
        models: { 'scripted-model': { name: 'Scripted', limit: { context: 200_000, output: 32_000 } } },
      },
    },
  }
}
