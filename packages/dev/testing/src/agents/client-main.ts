import type { AgentBackend } from '@coxswain/agents'
import { systemClock } from '@coxswain/host'
import { minutes, silentLogger } from '@coxswain/kernel'
import { z } from 'zod'

const variables = z.record(z.string(), z.string())
const setupSchema = z.object({
  backendModule: z.string(),
  sessionKey: z.string(),
  turnKey: z.string(),
  model: z.string().nullable(),
  prompt: z.string(),
  worktree: z.string(),
  stateDir: z.string(),
  environment: variables,
  sessionEnvironment: variables,
})

interface BackendModule {
  createBackend(environment: Readonly<Record<string, string>>): AgentBackend
}

const setup = setupSchema.parse(JSON.parse(process.argv[2] ?? ''))
const module: BackendModule = await import(setup.backendModule)
const never = new AbortController().signal
const session = await module.createBackend(setup.environment).openSession({
  key: setup.sessionKey,
  stateDir: setup.stateDir,
  worktree: setup.worktree,
  model: setup.model,
  instructions: 'Standing instructions of the suite.',
  resumeToken: null,
  environment: setup.sessionEnvironment,
  network: 'full',
  clock: systemClock,
  logger: silentLogger,
  onEvent: (event) => void process.stdout.write(`${JSON.stringify({ type: event.type })}\n`),
  approve: async () => 'decline',
  signal: never,
})
await session.turn({ key: setup.turnKey, prompt: setup.prompt, idleLimit: minutes(10), signal: never })
