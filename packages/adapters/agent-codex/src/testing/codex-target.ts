import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceTarget, ConformanceWorld } from '@coxswain/agents/testing'
import { agentProgramFolder, editUsage, openAgentWorld, writeHostileProgram, type ModelScript } from '@coxswain/testing'
import { createCodexBackend } from '../create-codex-backend.ts'

export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createCodexBackend({ environment })
}

/** The real codex, told by its user's configuration that its model is the scripted one. */
export const codexTarget: ConformanceTarget = {
  name: 'codex',
  createBackend,
  backendModule: import.meta.url,
  // The name decides which tools codex offers its model: this one gets apply_patch.
  model: 'gpt-5.5',
  sandbox: 'own',
  editUsage,
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: () => openCodexWorld({}),
  createHostileBackend: async ({ environment }) => {
    const program = await writeHostileProgram({ name: 'codex', environment })
    return createCodexBackend({ environment, program })
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
    'stream-cut': 'stream-cut',
    disconnect: 'unreachable',
    garbage: 'stream-cut',
    unreachable: 'unreachable',
  },
  off: {
    'approve-accept': 'in our sandbox nothing outside can be written, asked or not; shown by the suite of its own sandbox alone',
    'failure-refusal': 'codex shows a refusal as an ordinary message of the model',
  },
}

/** A user of codex whose model answers `script` beside the scenarios of the suite. */
export function openCodexWorld(script: ModelScript): Promise<ConformanceWorld> {
  return openAgentWorld({
    programFolders: [agentProgramFolder()],
    script,
    prepare: async ({ home, modelUrl }) => {
      await mkdir(join(home, '.codex'))
      await writeFile(join(home, '.codex/config.toml'), configuration(modelUrl))
      return { SCRIPTED_MODEL_KEY: 'sk-scripted-model-key-0123456789' }
    },
  })
}

function configuration(modelUrl: string): string {
  return `
model_provider = "scripted"
[model_providers.scripted]
name = "Scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "SCRIPTED_MODEL_KEY"
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 60000
`
}
