import { geminiTarget } from '../packages/adapters/agent-acp/src/testing/gemini-target.ts'
import { opencodeTarget } from '../packages/adapters/agent-acp/src/testing/opencode-target.ts'
import { claudeTarget } from '../packages/adapters/agent-claude/src/testing/claude-target.ts'
import { codexTarget } from '../packages/adapters/agent-codex/src/testing/codex-target.ts'
import type { World } from './world.ts'

/* Users of the real agent programs, each with the variables that its user lets through to it. */

export const codexUser = { target: codexTarget, variables: ['SCRIPTED_MODEL_KEY'] }
export const claudeUser = {
  target: claudeTarget,
  variables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY', 'CLAUDE_CODE_MAX_RETRIES'],
}
export const users = [
  codexUser,
  claudeUser,
  { target: geminiTarget, variables: ['GEMINI_API_KEY', 'GOOGLE_GEMINI_BASE_URL'] },
  { target: opencodeTarget, variables: [] },
]

export interface UserSettings {
  readonly agent: string
  readonly model: string | null
  readonly variables: readonly string[]
  readonly sandbox?: 'auto' | 'off'
}

export async function setUpHarness(world: World, { agent, model, variables, sandbox = 'auto' }: UserSettings): Promise<void> {
  const agents = { [agent]: { model, env: variables } }
  const gates = [{ name: 'greeted', command: ['grep', '--quiet', 'hello', 'greeting.txt'] }]
  const path = 'harness/harness.yaml'
  const text = (await world.read(path))
    .replace(/^agent: .*$/m, `agent: ${JSON.stringify(agent)}`)
    .replace(/^agents: .*$/m, `agents: ${JSON.stringify(agents)}`)
    .replace(/^gates: .*$/m, `gates: ${JSON.stringify(gates)}`)
    // The gate reads what the agent is asked to change.
    .replace(/^protected: .*$/m, `protected: ['!greeting.txt']`)
    .replace(/^sandbox: .*$/m, `sandbox: ${JSON.stringify(sandbox)}`)
  await world.write(path, text)
}
