import type { InitializeRequest, NewSessionRequest } from '@agentclientprotocol/sdk'
import type { AgentSession, Containment } from '@coxswain/agents'
import type { RpcPeer } from '@coxswain/json-lines'
import { CoxError, isCoxError, milliseconds, type Clock } from '@coxswain/kernel'
import type { KnownAgent } from './known-agents.ts'
import { initializeAnswer, openAnswer, steeringMeta, type InitializeAnswer, type OpenAnswer } from './wire.ts'

export interface HandshakeRequest {
  readonly peer: RpcPeer
  readonly agent: KnownAgent
  readonly worktree: string
  readonly model: string | null
  readonly resumeToken: AgentSession['resumeToken']
  readonly sandbox: Containment
  readonly clock: Clock
}

export interface Conversation {
  readonly sessionId: string
  readonly canSteer: boolean
  readonly canClose: boolean
  /** What was asked for and cannot be had. */
  readonly warnings: readonly string[]
}

const protocolVersion = 1

/** What comes before the answer to this request is history told again, not work. */
export function lastRequestOfHistory(resumeToken: string | null): string {
  return resumeToken === null ? openRequestId : readyRequestId
}

const openRequestId = 'open'
const readyRequestId = 'ready'

/** The same requests under the same ids in every life of ours: what was sent is joined. @throws CoxError AGENT_INCOMPATIBLE, AGENT_RESUME_FAILED, RPC_ERROR, RPC_ENDED */
export async function shakeHands(request: HandshakeRequest): Promise<Conversation> {
  const answer = await initialize(request.peer)
  const opened = await open(request, answer)
  if (request.resumeToken !== null) await awaitHistory(request)
  const sessionId = opened.sessionId ?? request.resumeToken
  if (sessionId == null) throw incompatible('the agent opened a session without naming it')
  const warnings = [await setMode(request, sessionId, opened), await setModel(request, sessionId, opened)]
  return {
    sessionId,
    canSteer: steeringMeta.safeParse(answer._meta).success,
    canClose: answer.agentCapabilities?.sessionCapabilities?.close != null,
    warnings: warnings.filter((warning) => warning !== null),
  }
}

/** @throws CoxError AGENT_INCOMPATIBLE, RPC_ERROR, RPC_ENDED */
export async function initialize(peer: RpcPeer): Promise<InitializeAnswer> {
  return parseAnswer(await peer.request('initialize', 'initialize', { ...initializeParams }))
}

/** Neither files nor terminals are offered: the agent works in its worktree itself. */
const initializeParams = {
  protocolVersion,
  clientInfo: { name: 'coxswain', version: '0.1.0' },
  clientCapabilities: {
    fs: { readTextFile: false, writeTextFile: false },
    terminal: false,
    // Without it codex-acp reports a failed turn as a finished one, with the error as the agent's words.
    _meta: { jetbrains: { air: { version: 1, capabilities: ['sessionFailure'] } } },
  },
} satisfies InitializeRequest

function parseAnswer(value: unknown): InitializeAnswer {
  const parsed = initializeAnswer.safeParse(value)
  if (!parsed.success) throw incompatible('its answer to `initialize` is not the Agent Client Protocol')
  if (parsed.data.protocolVersion !== protocolVersion)
    throw incompatible(`it speaks version ${parsed.data.protocolVersion} of the protocol, not 1`)
  return parsed.data
}

async function open(request: HandshakeRequest, answer: InitializeAnswer): Promise<OpenAnswer> {
  const { peer, worktree, resumeToken } = request
  const params = { cwd: worktree, mcpServers: [] } satisfies NewSessionRequest
  if (resumeToken === null) return openAnswer.parse(await peer.request(openRequestId, 'session/new', params))
  const canResume = answer.agentCapabilities?.sessionCapabilities?.resume != null
  if (!canResume && answer.agentCapabilities?.loadSession !== true) {
    throw resumeFailed('the agent can neither load nor resume a session')
  }
  try {
    const method = canResume ? 'session/resume' : 'session/load'
    return openAnswer.parse(await peer.request(openRequestId, method, { ...params, sessionId: resumeToken }))
  } catch (error) {
    if (!isCoxError(error, 'RPC_ERROR')) throw error
    throw resumeFailed(error.message, error)
  }
}

const quiet = milliseconds(250)

/**
 * The standard has the history told before the answer to `session/load`; gemini tells it behind it. So we wait until it is quiet and
 * then ask for nothing: whatever answer comes stands behind the history, in the program's output, for every later life of ours.
 */
async function awaitHistory({ peer, clock }: HandshakeRequest): Promise<void> {
  for (let before = -1; !peer.hasSent(readyRequestId) && before !== peer.messageCount();) {
    before = peer.messageCount()
    await clock.sleep(quiet)
  }
  await peer.request(readyRequestId, '_coxswain/ready', {}).catch((error: unknown) => {
    if (!isCoxError(error, 'RPC_ERROR')) throw error
  })
}

function resumeFailed(why: string, cause?: unknown): CoxError {
  return new CoxError('AGENT_RESUME_FAILED', `The conversation cannot be continued: ${why}`, {
    hint: 'Start a new session with the whole task.',
    cause,
  })
}

function incompatible(why: string): CoxError {
  return new CoxError('AGENT_INCOMPATIBLE', `The agent cannot be used: ${why}`, {
    hint: 'Check that the command line starts an agent of the Agent Client Protocol, and update it.',
  })
}

async function setMode(
  { peer, agent, sandbox }: HandshakeRequest,
  sessionId: string,
  opened: OpenAnswer,
): Promise<string | null> {
  const mode = agent.mode?.[sandbox === 'none' ? 'none' : 'contained']
  if (mode === undefined || opened.modes?.currentModeId === mode) return null
  if (opened.modes?.availableModes.some((one) => one.id === mode) !== true)
    return `${agent.name} has no mode ${mode}; it stays in its own`
  await peer.request('mode', 'session/set_mode', { sessionId, modeId: mode })
  return null
}

async function setModel(request: HandshakeRequest, sessionId: string, opened: OpenAnswer): Promise<string | null> {
  const { peer, agent, model } = request
  if (model === null || agent.modelFlag !== null) return null
  const option = opened.configOptions?.find((one) => one.category === 'model' && one.type === 'select')
  if (option !== undefined) {
    if (!valuesOf(option.options ?? []).includes(model)) return `${agent.name} does not offer the model ${model}`
    await peer.request('model', 'session/set_config_option', { sessionId, configId: option.id, value: model })
    return null
  }
  if (opened.models == null) return `${agent.name} lets nobody choose the model; ${model} was asked for`
  if (!opened.models.availableModels.some((one) => one.modelId === model))
    return `${agent.name} does not offer the model ${model}`
  await peer.request('model', 'session/set_model', { sessionId, modelId: model })
  return null
}

type Options = NonNullable<NonNullable<OpenAnswer['configOptions']>[number]['options']>

function valuesOf(options: Options): unknown[] {
  return options.flatMap((option) =>
    'value' in option ? [option['value']] : valuesOf('options' in option ? (option.options as Options) : []),
  )
}
