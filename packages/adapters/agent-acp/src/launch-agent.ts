import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Containment, SessionOptions } from '@coxswain/agents'
import { attachDetached, findProgram, startDetached, type DetachedOptions, type DetachedProcess } from '@coxswain/host'
import { findSandbox, sandboxCommand, type Sandbox, type UsableSandbox } from '@coxswain/sandbox'
import { CoxError, isCoxError } from '@coxswain/kernel'
import type { AcpProgram } from './explain-start.ts'
import type { KnownAgent } from './known-agents.ts'
import { prepareHome, type PrivateHome } from './prepare-home.ts'

export interface LaunchRequest extends AcpProgram {
  readonly options: LaunchOptions
  /** Where it starts; it may read there. The worktree when absent. */
  readonly cwd?: string
}

export type LaunchOptions = Pick<
  SessionOptions,
  'key' | 'stateDir' | 'worktree' | 'git' | 'model' | 'resumeToken' | 'environment' | 'network'
>

export interface LaunchedAgent {
  readonly process: DetachedProcess
  readonly sandbox: Containment
  readonly warnings: readonly string[]
}

/** Starts the program in a home and a sandbox of its own, or finds the one of this key. @throws CoxError AGENT_NOT_INSTALLED, AGENT_START_FAILED */
export async function launchAgent(request: LaunchRequest): Promise<LaunchedAgent> {
  const { agent, options } = request
  const home = await homeOf(request)
  const isNew = (await attachDetached(processFolder(options))) === null
  if (isNew && options.resumeToken !== null) await agent.beforeResume?.(home.env.HOME, options.resumeToken)
  const env = { ...options.environment, ...loginVariables(request), ...home.env, ...agent.variables }
  const sandbox: Sandbox = request.sandbox === 'none' ? switchedOff : await findSandbox(env)
  const command = [
    ...(await fullCommand(request, env)),
    ...(agent.modeFlags === null ? [] : [agent.modeFlags[sandbox.kind === 'none' ? 'none' : 'contained']]),
  ]
  const warnings = sandbox.kind === 'none' ? [`The agent runs without a sandbox: ${sandbox.reason}. ${sandbox.hint}`] : []
  if (options.network === 'none') checkNetwork(agent, sandbox.kind)
  const wrapped = sandbox.kind === 'none' ? command : await wrap({ request, home, command, sandbox })
  const process = await start({ command: wrapped, env, cwd: request.cwd ?? options.worktree }, options)
  return { process, sandbox: sandbox.kind, warnings }
}

const switchedOff: Sandbox = { kind: 'none', reason: 'it is switched off', hint: 'Switch it on again.' }

function homeOf({ agent, environment, options }: LaunchRequest): Promise<PrivateHome> {
  const userHome = environment['HOME']
  const files = userHome === undefined ? [] : agent.login.files
  return prepareHome({
    stateDir: options.stateDir,
    files: agent.files({ ...environment, ...options.environment }),
    links: files.map((file) => ({ from: join(userHome ?? '', file.path), to: file.path, isWritable: file.rotates })),
  })
}

function loginVariables({ agent, environment }: LaunchRequest): Record<string, string> {
  const isLogin = (name: string): boolean =>
    agent.login.variables.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isLogin(name)))
}

async function fullCommand({ agent, command, options }: LaunchRequest, env: Readonly<Record<string, string>>): Promise<string[]> {
  const [name = '', ...rest] = command
  const program = await findProgram(name, env)
  if (program === null) throw notInstalled(name)
  const model = agent.modelFlag !== null && options.model !== null ? [agent.modelFlag, options.model] : []
  return [program, ...(rest.length === 0 ? agent.defaultArguments : rest), ...model]
}

export function notInstalled(program: string): CoxError {
  return new CoxError('AGENT_NOT_INSTALLED', `The agent's program "${program}" was not found on PATH`, {
    hint: `Install ${program}, or write its full path after \`acp:\`.`,
    data: { program },
  })
}

function checkNetwork(agent: KnownAgent, sandbox: Containment): void {
  if (agent.needsNetwork) {
    throw new CoxError(
      'AGENT_START_FAILED',
      `${agent.name} asks its model from the process that also runs its commands: without network it cannot work`,
      {
        hint: 'Allow the network for this agent, or use one that separates the two, such as codex.',
      },
    )
  }
  if (sandbox === 'none') {
    throw new CoxError('AGENT_START_FAILED', 'Without a sandbox the network of an agent cannot be closed', {
      hint: 'Install bubblewrap or Perl, or allow the network for this agent.',
    })
  }
}

interface WrapRequest {
  readonly request: LaunchRequest
  readonly home: PrivateHome
  readonly command: readonly string[]
  readonly sandbox: UsableSandbox
}

function wrap({ request, home, command, sandbox }: WrapRequest): Promise<string[]> {
  const { worktree, network, git } = request.options
  const { cwd = worktree, environment } = request
  const readable = [...home.readable, ...request.readable, ...(cwd === worktree ? [] : [cwd])]
  const place = { cwd, worktree, writable: home.writable, readable, ...(git === undefined ? {} : { git }) }
  return sandboxCommand({ ...place, sandbox, command, network, environment })
}

/** Outside of what the agent may write: it must not be able to forge its own pid, input or exit code. */
function processFolder(options: LaunchOptions): string {
  return join(options.stateDir, `process-${createHash('sha256').update(options.key).digest('hex').slice(0, 16)}`)
}

async function start(
  { command, env, cwd }: Pick<DetachedOptions, 'command' | 'env' | 'cwd'>,
  options: LaunchOptions,
): Promise<DetachedProcess> {
  try {
    return await startDetached({
      dir: processFolder(options),
      key: options.key,
      command,
      cwd,
      env,
      input: 'lines',
    })
  } catch (error) {
    if (isCoxError(error, 'COMMAND_NOT_FOUND')) throw notInstalled(command[0] ?? '')
    throw error
  }
}
