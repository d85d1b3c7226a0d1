import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AgentSession, SessionOptions } from '@coxswain/agents'
import { atomicWrite, startDetached, type DetachedProcess } from '@coxswain/host'
import { createEventPositions, followMessages, type JsonObject, type MessageFeed } from '@coxswain/json-lines'
import { sandboxCommand, type Sandbox } from '@coxswain/sandbox'
import { CoxError, errorMessage, seconds } from '@coxswain/kernel'
import { createControls } from './controls.ts'
import { answerOf, approvalOf } from './approvals.ts'
import { createConversationState, isProgress, noteMessage } from './conversation-state.ts'
import { keepNewerCredentials, prepareHome, userConfigDir, type ClaudeHome } from './prepare-home.ts'
import { interruptTurn, runTurn, userLine, type SessionState } from './run-turn.ts'
import { idOf } from './turn-id.ts'
import { controlCancelSchema, controlRequestSchema, controlResponseSchema, type ControlRequest } from './wire.ts'

export interface ClaudeParts {
  readonly program: string
  readonly userEnvironment: Readonly<Record<string, string>>
  readonly sandbox: Sandbox
  readonly readable: readonly string[]
}

export async function openClaudeSession(options: SessionOptions, parts: ClaudeParts): Promise<AgentSession> {
  const { stateDir, key } = options
  const home = await prepareHome({ stateDir, userEnvironment: parts.userEnvironment, sessionEnvironment: options.environment })
  const sessionId = options.resumeToken ?? idOf('session', stateDir, key)
  const process = await startDetached({
    dir: join(stateDir, `claude-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`),
    key,
    command: await contained({ options, parts, home }, await claudeCommand({ options, parts, home }, sessionId)),
    cwd: options.worktree,
    // Claude refuses to skip its questions as root unless it is told that something else contains it.
    env: parts.sandbox.kind === 'none' ? home.env : { ...home.env, IS_SANDBOX: '1' },
    input: 'lines',
  })
  const state = openState(options, process, {
    sessionId,
    saveLogin: () => saveLogin(parts.userEnvironment, home),
  })
  try {
    await state.controls.request('init', { subtype: 'initialize' }, startLimit)
  } catch (error) {
    const report = await startFailure(process, error)
    state.reading.abort()
    await process.stop({ grace: seconds(1) })
    throw report
  }
  tellLimits(options, parts)
  return sessionOf(state, parts.sandbox.kind)
}

const startLimit = seconds(60)

interface Setup {
  readonly options: SessionOptions
  readonly parts: ClaudeParts
  readonly home: ClaudeHome
}

/** Tools that wait for a person, leave the worktree or go on after the turn. */
const unwantedTools = [
  'AskUserQuestion',
  'EnterPlanMode',
  'ExitPlanMode',
  'EnterWorktree',
  'ExitWorktree',
  'CronCreate',
  'CronDelete',
  'CronList',
  'ScheduleWakeup',
  'SendMessage',
]

const streamingFlags =
  '--print --verbose --input-format stream-json --output-format stream-json --include-partial-messages --permission-prompt-tool stdio'.split(
    ' ',
  )

async function claudeCommand({ options, parts, home }: Setup, sessionId: string): Promise<string[]> {
  const networkTools = options.network === 'none' ? ['WebFetch', 'WebSearch'] : []
  // In a sandbox nothing needs to be asked; without one, all that is more than an edit in the worktree is.
  const mode = parts.sandbox.kind === 'none' ? 'acceptEdits' : 'bypassPermissions'
  return [
    parts.program,
    ...streamingFlags,
    '--permission-mode',
    mode,
    '--disallowed-tools',
    [...unwantedTools, ...networkTools].join(','),
    ...(options.model === null ? [] : ['--model', options.model]),
    ...(options.instructions === null
      ? []
      : ['--append-system-prompt-file', await writeInstructions(home, options.instructions)]),
    ...(options.resumeToken === null ? ['--session-id', sessionId] : ['--resume', sessionId]),
  ]
}

async function writeInstructions(home: ClaudeHome, instructions: string): Promise<string> {
  const file = join(home.configDir, 'instructions.md')
  await atomicWrite(file, instructions, 0o600)
  return file
}

async function contained({ options, parts, home }: Setup, command: readonly string[]): Promise<readonly string[]> {
  if (parts.sandbox.kind === 'none') return command
  return sandboxCommand({
    sandbox: parts.sandbox,
    command,
    cwd: options.worktree,
    worktree: options.worktree,
    ...(options.git === undefined ? {} : { git: options.git }),
    writable: home.folders,
    readable: parts.readable,
    environment: parts.userEnvironment,
    // Claude itself must reach its model: its commands share its network, and more than the internet they need not see.
    network: options.network === 'full' ? 'full' : 'proxied',
  })
}

function tellLimits(options: SessionOptions, parts: ClaudeParts): void {
  if (parts.sandbox.kind === 'none')
    options.logger.warn('claude runs without a sandbox', { reason: parts.sandbox.reason, hint: parts.sandbox.hint })
  if (options.network === 'none')
    options.logger.warn('commands that claude runs can reach the internet by its proxy, because claude can')
}

interface SessionMeans {
  readonly sessionId: string
  readonly saveLogin: () => Promise<void>
}

function openState(options: SessionOptions, process: DetachedProcess, means: SessionMeans): SessionState {
  const reading = new AbortController()
  options.signal.addEventListener('abort', () => reading.abort(options.signal.reason), { once: true })
  const positions = createEventPositions()
  const feed: MessageFeed = followMessages({
    process,
    signal: reading.signal,
    onMessage: (message, line) => {
      positions.enterLine(line)
      note(state, message)
    },
  })
  const state: SessionState = {
    ...means,
    options,
    process,
    feed,
    reading,
    controls: createControls({ feed, clock: options.clock }),
    conversation: createConversationState(options.worktree),
    withdrawn: new Set(),
    tell: (event) => {
      try {
        options.onEvent(event, positions.next())
      } catch (error) {
        options.logger.error('a listener of agent events failed', { error: errorMessage(error) })
      }
    },
    currentTurn: null,
    waitingForUs: 0,
    activity: 0,
    noiseTold: false,
  }
  return state
}

function note(state: SessionState, message: JsonObject): void {
  try {
    if (isProgress(message)) state.activity += 1
    if (message['type'] === 'control_response') return state.controls.settle(controlResponseSchema.parse(message).response)
    if (message['type'] === 'control_request') return void answerRequest(state, controlRequestSchema.parse(message))
    if (message['type'] === 'control_cancel_request')
      return void state.withdrawn.add(controlCancelSchema.parse(message).request_id)
    for (const event of noteMessage(state.conversation, message)) state.tell(event)
  } catch (error) {
    state.options.logger.warn('claude said something unexpected', { type: message['type'], error: errorMessage(error) })
  }
}

/** Asked once, also across our restarts: an answer that was sent is not sent again. */
async function answerRequest(state: SessionState, request: ControlRequest): Promise<void> {
  const replyId = `reply:${request.request_id}`
  await state.feed.caughtUp
  if (state.feed.hasSent(replyId) || state.withdrawn.has(request.request_id)) return
  const response = await decide(state, request)
  if (state.withdrawn.has(request.request_id)) return
  await state.feed
    .send(replyId, { type: 'control_response', response: { request_id: request.request_id, ...response } })
    .catch(() => {})
}

async function decide(state: SessionState, request: ControlRequest): Promise<JsonObject> {
  if (request.request.subtype !== 'can_use_tool')
    return { subtype: 'error', error: `${request.request.subtype} is not supported` }
  const asked = approvalOf(request)
  state.waitingForUs += 1
  try {
    const decision = await state.options.approve(asked)
    state.tell({ type: 'approval', title: asked.title, decision })
    return { subtype: 'success', response: answerOf(request, decision) }
  } catch (error) {
    return { subtype: 'error', error: errorMessage(error) }
  } finally {
    state.waitingForUs -= 1
  }
}

async function saveLogin(userEnvironment: Readonly<Record<string, string>>, home: ClaudeHome): Promise<void> {
  const userDir = userConfigDir(userEnvironment)
  if (userDir !== null) await keepNewerCredentials(userDir, home.configDir)
}

async function startFailure(process: DetachedProcess, error: unknown): Promise<CoxError> {
  const stderr = (await process.stderrTail(2_000)).trim()
  // Killed before it wrote anything down, or started on another machine.
  if (/No conversation found/i.test(stderr))
    return new CoxError('AGENT_RESUME_FAILED', `claude cannot continue the conversation: ${stderr.slice(-300)}`, {
      hint: 'Start a new session with the whole task.',
      cause: error,
    })
  return new CoxError('AGENT_START_FAILED', `claude did not start a conversation: ${errorMessage(error)}`, {
    hint: stderr === '' ? 'Run `claude` once by hand to see what is wrong.' : `It printed: ${stderr.slice(-600)}`,
    cause: error,
  })
}

function sessionOf(state: SessionState, sandbox: Sandbox['kind']): AgentSession {
  return {
    resumeToken: state.sessionId,
    sandbox,
    turn: (request) => runTurn(state, request),
    steer: (text) => steer(state, text),
    interrupt: async () => {
      if (state.currentTurn !== null) await interruptTurn(state, state.currentTurn)
    },
    detach: async () => {
      state.reading.abort()
      await state.feed.ended
    },
    close: async () => {
      const report = await state.process.stop({ grace: seconds(2) })
      await state.feed.ended
      await state.saveLogin()
      return report
    },
  }
}

/** Words that reach Claude in the middle of a turn are read before its next call of the model. */
async function steer(state: SessionState, text: string): Promise<boolean> {
  const live = state.conversation.liveTurn
  if (live === null || live.id !== state.currentTurn || !state.process.isAlive()) return false
  const id = idOf('steer', crypto.randomUUID())
  state.conversation.queuedSteers.add(id)
  await state.feed.send(`steer:${id}`, userLine(id, text))
  return true
}
