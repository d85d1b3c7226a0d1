import type { AgentBackend, AgentProbe, AgentSession, ProbeOptions, SessionOptions } from '@coxswain/agents'
import { findProgram, findSandbox, runCommand, supervise } from '@coxswain/host'
import { anySignal, CoxError, errorMessage, isCoxError, parseCommandLine, redact, seconds } from '@coxswain/kernel'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AcpSession } from './acp-session.ts'
import { shakeHands, type Conversation } from './handshake.ts'
import { recogniseAgent, type KnownAgent } from './known-agents.ts'
import { launchAgent, notInstalled, type LaunchedAgent } from './launch-agent.ts'
import { openSessionFeed, type SessionFeed } from './session-feed.ts'
import { failureOfError } from './turn-result.ts'

export interface AcpBackendOptions {
  /** Program and arguments, quoted as in a shell but never given to one: `gemini`, `npx my-agent --acp`. */
  readonly commandLine: string
  /** The user's: where the program and the login of the user are found. */
  readonly environment: Readonly<Record<string, string>>
  /** `none`: not even where bubblewrap works. */
  readonly sandbox?: 'auto' | 'none'
}

/** Any agent that speaks the Agent Client Protocol over stdio. @throws CoxError COMMAND_LINE_INVALID */
export function createAcpBackend({ commandLine, environment, sandbox = 'auto' }: AcpBackendOptions): AgentBackend {
  const command = parseCommandLine(commandLine)
  const agent = recogniseAgent(command)
  return {
    name: `acp:${commandLine}`,
    capabilities: { approvals: true, reattach: true, ownSandbox: false, ...agent.capabilities },
    probe: (options) => probe({ agent, command, environment, sandbox }, options),
    openSession: (options) => openSession({ agent, command, environment, sandbox }, options),
  }
}

interface AcpProgram {
  readonly agent: KnownAgent
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly sandbox: 'auto' | 'none'
}

async function probe(acp: AcpProgram, { environment, signal }: ProbeOptions): Promise<AgentProbe> {
  const name = acp.command[0] ?? ''
  const program = await findProgram(name, environment)
  const sandbox = await findSandbox(environment)
  const problems = [
    ...(program === null ? [sentence(notInstalled(name))] : []),
    ...(sandbox.kind === 'none' ? [`No sandbox for this agent: ${sandbox.reason}. ${sandbox.hint}`] : []),
  ]
  const login = program === null ? 'unknown' : findLogin(acp)
  if (login === 'no')
    problems.push(`${acp.agent.name} has no login: start it once by hand, or set ${acp.agent.login.variables.join(' or ')}.`)
  const version = program === null ? null : await readVersion([program, ...acp.command.slice(1)], environment, signal)
  return { program, version, login, sandbox: sandbox.kind, problems }
}

function sentence(error: CoxError): string {
  return `${error.message}. ${error.hint}`
}

function findLogin({ agent, environment }: AcpProgram): AgentProbe['login'] {
  const { variables, files } = agent.login
  if (files.length === 0) return 'unknown'
  const hasKey = Object.keys(environment).some(
    (name) => /(?:KEY|TOKEN|CREDENTIALS)$/.test(name) && variables.some((one) => name.startsWith(one.replace('*', ''))),
  )
  const present = files.filter((file) => existsSync(join(environment['HOME'] ?? '/', file.path)))
  if (hasKey || present.some((file) => file.rotates)) return 'yes'
  // A configuration may carry a key of its own.
  return present.length > 0 ? 'unknown' : 'no'
}

/** Of the script where an interpreter runs one; a package runner might install something first and is not asked. */
async function readVersion(
  [program = '', script = '']: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  const isInterpreter = /\/(?:node|bun|deno)$/.test(program)
  if (/\/(?:npx|bunx)$/.test(program) || (isInterpreter && !existsSync(script))) return null
  const command = isInterpreter ? [program, script, '--version'] : [program, '--version']
  const result = await runCommand({ command, cwd: '/', env, timeout: seconds(20), signal })
  return /\d+\.\d+\.\d+\S*/.exec(result.stdout)?.[0] ?? null
}

async function openSession(acp: AcpProgram, options: SessionOptions): Promise<AgentSession> {
  options.signal.throwIfAborted()
  const launched = await launchAgent({ ...acp, options })
  const reading = new AbortController()
  const feed = openSessionFeed(launched.process, options, anySignal(reading.signal, options.signal))
  for (const warning of launched.warnings) feed.warn(warning)
  try {
    const conversation = await awaitHandshake(acp, { options, feed, sandbox: launched.sandbox })
    for (const warning of conversation.warnings) feed.warn(warning)
    return new AcpSession({ ...launched, agent: acp.agent, options, feed, conversation, reading })
  } catch (error) {
    const failure = await explainStart(acp, launched, error)
    await launched.process.stop({ grace: seconds(2) })
    reading.abort()
    throw failure
  }
}

/** Programs load for seconds, and some install things at their first start. */
const startLimit = seconds(120)

interface HandshakeContext {
  readonly options: SessionOptions
  readonly feed: SessionFeed
  readonly sandbox: 'bubblewrap' | 'none'
}

async function awaitHandshake(acp: AcpProgram, { options, feed, sandbox }: HandshakeContext): Promise<Conversation> {
  const { worktree, model, resumeToken, clock } = options
  const done = shakeHands({ peer: feed.peer, agent: acp.agent, worktree, model, resumeToken, sandbox, clock })
  const outcome = await supervise({
    done,
    ended: feed.peer.ended,
    activity: () => feed.peer.messageCount(),
    isWaitingForUs: () => false,
    idleLimit: startLimit,
    clock: options.clock,
    signal: options.signal,
  })
  if (outcome.kind === 'done') return outcome.value
  done.catch(() => {})
  if (outcome.kind === 'aborted') throw options.signal.reason
  throw startFailed(acp, outcome.kind === 'ended' ? 'it ended at once' : 'it does not answer')
}

async function explainStart(acp: AcpProgram, launched: LaunchedAgent, error: unknown): Promise<unknown> {
  if (!isCoxError(error) || error.code === 'AGENT_INCOMPATIBLE' || error.code === 'AGENT_RESUME_FAILED') return error
  const tail = (await launched.process.stderrTail(2_000)).trim()
  const words = isCoxError(error, 'RPC_ERROR') ? errorMessage(error) : 'it ended without an answer'
  return startFailed(acp, redact(tail === '' ? words : `${words}\n${tail}`), error)
}

function startFailed({ agent, command }: AcpProgram, why: string, cause?: unknown): CoxError {
  const failure = isCoxError(cause, 'RPC_ERROR') ? failureOfError(cause) : null
  return new CoxError('AGENT_START_FAILED', `The agent \`${command.join(' ')}\` did not start: ${why}`, {
    hint:
      failure?.kind === 'auth'
        ? `Log in to ${agent.name} by hand first, then try again.`
        : 'Run the command by hand and read what it says.',
    data: { failure },
    cause,
  })
}
