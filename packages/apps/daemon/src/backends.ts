import { createAcpBackend } from '@coxswain/agent-acp'
import { createClaudeBackend } from '@coxswain/agent-claude'
import { createCodexBackend } from '@coxswain/agent-codex'
import { createRewriterBackend } from '@coxswain/agent-rewriter'
import type { AgentBackend, PriceOf } from '@coxswain/agents'
import { isAbsolute } from 'node:path'
import { findProgram, scrubEnvironment } from '@coxswain/host'
import { personsPaths, toolVariables } from '@coxswain/sandbox'
import { CoxError, parseCommandLine } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'
import { loadPriceOf } from '@coxswain/prices'

/** Names a person may write; anything that speaks ACP is `acp:<command line>`. */
export const agentNames = ['codex', 'claude', 'rewriter', 'acp:<command line>'] as const

/** The backend of a name. @throws CoxError AGENT_UNKNOWN */
export function createBackend(name: string, config: HarnessConfig, environment: Readonly<Record<string, string>>): AgentBackend {
  const program = config.agents[name]?.program ?? undefined
  const sandbox = config.sandbox === 'off' ? 'none' : 'auto'
  const readable = personsPaths(config.readable, environment)
  const options = { environment, readable, ...(program === undefined ? {} : { program }) }
  if (name === 'codex') return createCodexBackend({ ...options, sandbox, price: priceWhenLoaded(config) })
  if (name === 'claude') return createClaudeBackend({ ...options, sandbox })
  if (name === 'rewriter') return createRewriterBackend()
  if (name.startsWith('acp:')) return createAcpBackend({ commandLine: name.slice('acp:'.length), environment, readable, sandbox })
  throw unknownAgent(name)
}

/** Before any work is done for it. @throws CoxError AGENT_UNKNOWN, COMMAND_LINE_INVALID */
export function requireKnownAgent(name: string): void {
  if (name.startsWith('acp:')) parseCommandLine(name.slice('acp:'.length))
  else if (!agentNames.some((known) => known === name)) throw unknownAgent(name)
}

/** Before a run is made whose only end could be that its agent is missing. @throws CoxError AGENT_NOT_INSTALLED */
export async function requireProgram(
  name: string,
  config: HarnessConfig,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  if (name === 'rewriter') return
  const own = name.startsWith('acp:') ? parseCommandLine(name.slice('acp:'.length))[0] : name
  const program = config.agents[name]?.program ?? own ?? name
  // One in a folder of the worktree is looked up there.
  if ((program.includes('/') && !isAbsolute(program)) || (await findProgram(program, environment)) !== null) return
  throw new CoxError('AGENT_NOT_INSTALLED', `The agent "${name}" needs the program ${program}, which was not found`, {
    hint: name.startsWith('acp:')
      ? 'Install it, or write its full path after `acp:`.'
      : `Install it, or set its path in \`agents.${name}.program\` of harness/harness.yaml; \`cox doctor\` tells more.`,
    data: { agent: name, program },
  })
}

function unknownAgent(name: string): CoxError {
  return new CoxError('AGENT_UNKNOWN', `There is no agent "${name}"`, {
    hint: `Use one of ${agentNames.join(', ')}.`,
    data: { agent: name },
  })
}

/** The table of prices loads while the agent starts; a turn is longer than that. */
function priceWhenLoaded(config: HarnessConfig): PriceOf {
  let priceOf: PriceOf = () => null
  loadPriceOf(config.prices).then(
    (loaded) => (priceOf = loaded),
    () => {}, // without the table, money is unknown and said to be so
  )
  return (model, usage) => priceOf(model, usage)
}

/** Where tools find themselves. NODE_OPTIONS because memory is set there. */
const toolNames = ['HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'PNPM_HOME', 'NODE_OPTIONS']

/** What a gate's process may see: no credential at all, for it runs what an agent wrote. */
export function gateEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  return { ...scrubEnvironment(environment, toolNames), CI: '1' }
}

/** What set-up's process may see: the same, and of what nobody changed the credentials that `setup:` names. */
export function setupEnvironment(
  { setup }: Pick<HarnessConfig, 'setup'>,
  environment: Readonly<Record<string, string>>,
  trust: 'base' | 'change',
): Record<string, string> {
  const credentials = trust === 'base' ? (setup?.credentials ?? []) : []
  return { ...scrubEnvironment(environment, [...toolNames, ...credentials]), CI: '1' }
}

/** What an agent's process may see: the scrubbed base, and the variables its configuration names. */
export function agentEnvironment(
  name: string,
  config: HarnessConfig,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...toolVariables(environment), ...scrubEnvironment(environment, config.agents[name]?.env ?? []) }
}
