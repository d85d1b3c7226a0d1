import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentBackend } from '@coxswain/agents'
import type { ConformanceModel, ConformanceTarget, ConformanceWorld } from '@coxswain/agents/testing'
import { readEnvironment } from '@coxswain/host'
import { findSandbox } from '@coxswain/sandbox'
import { sleep } from '@coxswain/kernel'
import { openAgentWorld } from '@coxswain/testing'
import { z } from 'zod'
import { createAcpBackend } from '../acp-backend.ts'
import { conformanceScript, hostileScript } from './conformance-script.ts'

export const scriptedAgentProgram = fileURLToPath(import.meta.resolve('@coxswain/scripted-agent/main'))

/** The backend of the agent that keeps its script in the user's home. */
export function createBackend(environment: Readonly<Record<string, string>>): AgentBackend {
  return createAcpBackend({ commandLine: commandLine(environment['HOME'] ?? '/', 'conformance.json'), environment })
}

function commandLine(home: string, script: string): string {
  return `node "${scriptedAgentProgram}" --script "${join(home, script)}"`
}

export const scriptedTarget: ConformanceTarget = {
  name: 'acp:scripted-agent',
  createBackend: (environment) => ({ ...createBackend(environment), name: 'acp:scripted-agent' }),
  backendModule: import.meta.url,
  model: null,
  sandbox: (await findSandbox(readEnvironment())).kind,
  editUsage: { input: 160, cachedInput: 40, cacheWrite: 0, output: 30, reasoning: 5 },
  scenarioPrompt: (scenario) => `Do what is asked. [scenario:${scenario}]`,
  openWorld: openScriptedWorld,
  createHostileBackend: async ({ environment }) =>
    createAcpBackend({ commandLine: commandLine(environment['HOME'] ?? '/', 'hostile.json'), environment }),
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
    garbage: 'protocol',
    unreachable: 'unreachable',
  },
  off: {
    steer: 'the standard has no steering; the extension that some programs have is tested in acp-session.test.ts',
  },
}

async function openScriptedWorld(): Promise<ConformanceWorld> {
  const world = await openAgentWorld({
    programFolders: [],
    prepare: async ({ home }) => {
      writeFileSync(join(home, 'conformance.json'), JSON.stringify(conformanceScript))
      writeFileSync(join(home, 'hostile.json'), JSON.stringify(hostileScript))
      return {}
    },
  })
  const agentHome = join(world.stateDir, 'home')
  return {
    ...world,
    model: scriptedModel(join(agentHome, '.scripted-agent')),
    // See `writeOutside`: what the suite looks for beside the worktree lies in the agent's home.
    readFile: (path) => world.readFile(path.startsWith('../') ? relative(world.worktree, join(agentHome, basename(path))) : path),
  }
}

/** There is no model: what one would have been asked is what the agent has marked. */
function scriptedModel(folder: string): ConformanceModel {
  const requests = (scenario: string): Mark[] => readMarks(folder).filter((mark) => mark.scenario === scenario)
  return {
    misses: [],
    requests,
    release: (hold) => {
      mkdirSync(join(folder, 'released'), { recursive: true })
      writeFileSync(join(folder, 'released', hold), '')
    },
    disappear: async () => {},
    waitForRequest: async (scenario, step) => {
      while (!requests(scenario).some((mark) => mark.step === step)) await sleep(10)
    },
  }
}

const markSchema = z.object({ scenario: z.string(), step: z.int(), text: z.string() })
type Mark = z.infer<typeof markSchema>

function readMarks(folder: string): Mark[] {
  const file = join(folder, 'marks.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return lines.filter((line) => line !== '').map((line) => markSchema.parse(JSON.parse(line)))
}
