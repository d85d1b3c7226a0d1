import type { AgentBackend, AgentProbe, AgentSession, Containment, ProbeOptions, SessionOptions } from '@coxswain/agents'
import { findProgram, runCommand } from '@coxswain/host'
import { supervise } from '@coxswain/json-lines'
import { findSandbox } from '@coxswain/sandbox'
import { anySignal, type CoxError, isCoxError, parseCommandLine, seconds } from '@coxswain/kernel'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AcpSession } from './acp-session.ts'
import { explainStart, startFailed, type AcpProgram } from './explain-start.ts'
import { shakeHands, type Conversation } from './handshake.ts'
import { recogniseAgent } from './known-agents.ts'
import { launchAgent, notInstalled } from './launch-agent.ts'
import { meetAgent } from './meet-agent.ts'
import { openSessionFeed, type SessionFeed } from './session-feed.ts'

export interface AcpBackendOptions {
  /** Program and arguments, quoted as in a shell but never given to one: `gemini`, `npx my-agent --acp`. */
  readonly commandLine: string
  /** The user's: where the program and the login of the user are found. */
  readonly environment: Readonly<Record<string, string>>
  /** `none`: not even where bubblewrap works. */
  readonly sandbox?: 'auto' | 'none'
  /** What of the person's home it may read, beside tools. */
  readonly readable?: readonly string[]
}

/** Any agent that speaks the Agent Client Protocol over stdio. @throws CoxError COMMAND_LINE_INVALID */
export function createAcpBackend(options: AcpBackendOptions): AgentBackend {
  const { commandLine, environment, sandbox = 'auto', readable = [] } = options
  const command = parseCommandLine(commandLine)
  const agent = recogniseAgent(command)
  const acp = { agent, command, environment, sandbox, readable }
  return {
    name: `acp:${commandLine}`,
    capabilities: { approvals: true, reattach: true, ownSandbox: false, ...agent.capabilities },
    probe: (request) => probe(acp, request),
    openSession: (session) => openSession(acp, session),
  }
}

async function probe(acp: AcpProgram, { environment, signal, trial }: ProbeOptions): Promise<AgentProbe> {
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
  const found = { program, version, login, sandbox: sandbox.kind }
  if (trial === undefined || program === null || isPackageRunner(program)) return { ...found, problems }
  try {
    return { ...found, problems, introduction: await meetAgent(acp, { trial, signal }) }
  } catch (error) {
    if (!isCoxError(error)) throw error
    return { ...found, problems: [...problems, sentence(error)] }
  }
}

/** It might install something first, which only a run that needs it may do. */
function isPackageRunner(program: string): boolean {
  return /\/(?:npx|bunx)$/.test(program)
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

/** Of the script where an interpreter runs one. */
async function readVersion(
  [program = '', script = '']: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  const isInterpreter = /\/(?:node|bun|deno)$/.test(program)
  if (isPackageRunner(program) || (isInterpreter && !existsSync(script))) return null
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
  readonly sandbox: Containment
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
