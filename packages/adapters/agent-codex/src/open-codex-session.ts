import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentSession, PriceOf, SessionOptions } from '@coxswain/agents'
import { gitFolders, startDetached, type DetachedProcess } from '@coxswain/host'
import { createEventPositions, openRpcPeer, type RpcAnswer, type RpcPeer, type RpcRequest } from '@coxswain/json-lines'
import { CoxError, errorMessage, isCoxError, seconds } from '@coxswain/kernel'
import { isPartial, sandboxCommand, type Sandbox } from '@coxswain/sandbox'
import { readQuestion } from './approvals.ts'
import { prepareHome } from './prepare-home.ts'
import { interruptTurn, runTurn, type SessionState } from './run-turn.ts'
import { createThreadState, noteNotification, turnOf, type ThreadState } from './thread-state.ts'
import { resolvedRequestSchema, threadAnswerSchema } from './wire.ts'

export interface CodexParts {
  readonly program: string
  readonly userEnvironment: Readonly<Record<string, string>>
  readonly price: PriceOf
  readonly sandbox: Sandbox
  /** What of the person's home it may read, beside tools. */
  readonly readable: readonly string[]
}

export async function openCodexSession(options: SessionOptions, parts: CodexParts): Promise<AgentSession> {
  const { stateDir, userEnvironment } = { stateDir: options.stateDir, userEnvironment: parts.userEnvironment }
  const env = await prepareHome({ stateDir, userEnvironment, sessionEnvironment: options.environment })
  const process = await startDetached({
    dir: join(stateDir, `codex-${createHash('sha256').update(options.key).digest('hex').slice(0, 12)}`),
    key: options.key,
    command: await contained(options, { parts, env }),
    cwd: options.worktree,
    env,
    input: 'lines',
  })
  const state = openState(options, process, createThreadState(options.worktree, parts.price))
  try {
    await withinDeadline(options, shakeHands(state))
  } catch (error) {
    const report = await startFailure(process, error)
    state.reading.abort()
    await process.stop({ grace: seconds(1) })
    throw report
  }
  return sessionOf(state)
}

interface Launch {
  readonly parts: CodexParts
  readonly env: Readonly<Record<string, string>>
}

/**
 * Codex contains what its commands write and lets them read everything: ours around it hides what is nobody's business, and its own inside
 * decides what is asked for.
 */
async function contained(options: SessionOptions, { parts, env }: Launch): Promise<readonly string[]> {
  const { sandbox, program, readable, userEnvironment } = parts
  const start = [program, 'app-server']
  if (sandbox.kind === 'none' || isPartial(sandbox)) return [...start, ...overrides(options, [])]
  // What codex opens inside of ours: the worktree's git folder is the private one there.
  const opened = options.git === undefined ? [] : [await realpath(gitFolders(options.worktree).own)]
  const { HOME: home = '', CODEX_HOME: codexHome = '', TMPDIR: temp = '' } = env
  const login = await realpath(join(codexHome, 'auth.json')).catch(() => null)
  return sandboxCommand({
    sandbox,
    command: [...start, ...overrides(options, opened)],
    cwd: options.worktree,
    worktree: options.worktree,
    ...(options.git === undefined ? {} : { git: options.git }),
    writable: [home, codexHome, temp, ...(login === null ? [] : [login])],
    readable,
    user: 'ordinary',
    // Codex must reach its model; it closes the network of its commands itself.
    network: options.network === 'none' ? 'full' : options.network,
    environment: userEnvironment,
  })
}

/** Settings that unattended work needs, above the user's configuration. */
function overrides(options: SessionOptions, writable: readonly string[]): string[] {
  const settings = [
    'analytics.enabled=false',
    'check_for_update_on_startup=false',
    'history.persistence="none"',
    'cli_auth_credentials_store="file"',
    'notify=[]',
    // Commands of the model have no business with the keys that codex itself needs.
    'shell_environment_policy.ignore_default_excludes=false',
    `sandbox_workspace_write.network_access=${options.network !== 'none'}`,
    // The temporary folder is shared with other sessions; each has a TMPDIR of its own.
    'sandbox_workspace_write.exclude_slash_tmp=true',
    `sandbox_workspace_write.writable_roots=${JSON.stringify(writable)}`,
  ]
  return settings.flatMap((setting) => ['-c', setting])
}

function openState(options: SessionOptions, process: DetachedProcess, thread: ThreadState): SessionState {
  const reading = new AbortController()
  options.signal.addEventListener('abort', () => reading.abort(options.signal.reason), { once: true })
  const positions = createEventPositions()
  const tell: SessionState['tell'] = (event) => {
    try {
      options.onEvent(event, positions.next())
    } catch (error) {
      options.logger.error('a listener of agent events failed', { error: errorMessage(error) })
    }
  }
  const state: Omit<SessionState, 'peer'> = {
    options,
    process,
    thread,
    reading,
    tell,
    threadId: null,
    liveTurn: null,
    waitingForUs: 0,
    activity: 0,
    noiseTold: false,
  }
  const peer: RpcPeer = openRpcPeer({
    process,
    versioned: false,
    signal: reading.signal,
    onNotification: (method, params, line) => {
      positions.enterLine(line)
      note(full, method, params)
    },
    onRequest: (request) => answerQuestion(full, request),
  })
  const full: SessionState = Object.assign(state, { peer })
  return full
}

function note(state: SessionState, method: string, params: unknown): void {
  try {
    if (method === 'serverRequest/resolved') state.peer.withdraw(resolvedRequestSchema.parse(params).requestId)
    // A program that only says it tries again is not getting anywhere.
    if (/^(?:turn|item|thread\/tokenUsage)/.test(method)) state.activity += 1
    for (const event of noteNotification(state.thread, method, params)) state.tell(event)
  } catch (error) {
    state.options.logger.warn('codex said something unexpected', { method, error: errorMessage(error) })
  }
}

async function answerQuestion(state: SessionState, request: RpcRequest): Promise<RpcAnswer> {
  const question = readQuestion(request, (itemId) => state.thread.changedPaths.get(itemId) ?? [])
  if (question.request === null) return question.answer('decline')
  state.waitingForUs += 1
  try {
    const decision = await state.options.approve(question.request)
    state.tell({ type: 'approval', title: question.request.title, decision })
    return question.answer(decision)
  } finally {
    state.waitingForUs -= 1
  }
}

/** The ids are the same in every life of ours: after a restart the answers are read again instead of asked for again. */
async function shakeHands(state: SessionState): Promise<void> {
  const { options, peer } = state
  await peer.request('initialize', 'initialize', { clientInfo: { name: 'coxswain', title: 'Coxswain', version: '0.1.0' } })
  await peer.notify('initialized', 'initialized')
  const settings = {
    cwd: options.worktree,
    sandbox: 'workspace-write',
    // Under `never` what the sandbox denies is invisible; here it is asked for, and the caller's policy declines it.
    approvalPolicy: 'on-request',
    approvalsReviewer: 'user',
    ...(options.model === null ? {} : { model: options.model }),
    ...(options.instructions === null ? {} : { developerInstructions: options.instructions }),
  }
  const { resumeToken } = options
  const answer =
    resumeToken === null
      ? await peer.request('thread', 'thread/start', settings)
      : await resumeThread(peer, { ...settings, threadId: resumeToken, excludeTurns: true })
  const { thread, model } = threadAnswerSchema.parse(answer)
  state.threadId = thread.id
  state.thread.model ??= model ?? null
}

async function resumeThread(peer: RpcPeer, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  try {
    return await peer.request('thread', 'thread/resume', params)
  } catch (error) {
    if (!isCoxError(error, 'RPC_ERROR')) throw error
    throw new CoxError('AGENT_RESUME_FAILED', `codex cannot continue the conversation: ${error.message}`, {
      hint: 'Start a new session with the whole task.',
      cause: error,
    })
  }
}

const startLimit = seconds(60)

async function withinDeadline(options: SessionOptions, work: Promise<void>): Promise<void> {
  const stop = new AbortController()
  const tooLate = options.clock.sleep(startLimit, stop.signal).then(() => {
    throw new Error(`no answer within ${startLimit / 1_000} seconds`)
  })
  try {
    await Promise.race([work, tooLate])
  } finally {
    stop.abort()
    tooLate.catch(() => {})
  }
}

async function startFailure(process: DetachedProcess, error: unknown): Promise<CoxError> {
  if (isCoxError(error, 'AGENT_RESUME_FAILED')) return error
  const stderr = (await process.stderrTail(2_000)).trim()
  const said = isCoxError(error, 'RPC_ENDED') ? 'it ended' : errorMessage(error)
  return new CoxError('AGENT_START_FAILED', `codex app-server did not start a conversation: ${said}`, {
    hint: stderr === '' ? 'Run `codex` once by hand to see what is wrong.' : `It printed: ${stderr.slice(-600)}`,
    cause: error,
  })
}

function sessionOf(state: SessionState): AgentSession {
  return {
    get resumeToken() {
      return state.threadId
    },
    sandbox: 'own',
    turn: (request) => runTurn(state, request),
    steer: (text) => steer(state, text),
    interrupt: () => interruptLive(state),
    detach: async () => {
      state.reading.abort()
      await state.peer.ended
    },
    close: async () => {
      const report = await state.process.stop({ grace: seconds(2) })
      await state.peer.ended
      return report
    },
  }
}

async function steer(state: SessionState, text: string): Promise<boolean> {
  const { liveTurn, threadId } = state
  if (liveTurn === null || threadId === null || turnOf(state.thread, liveTurn).status !== 'inProgress') return false
  const id = `steer:${liveTurn}:${crypto.randomUUID()}`
  const input = [{ type: 'text', text, text_elements: [] }]
  try {
    await state.peer.request(id, 'turn/steer', { threadId, expectedTurnId: liveTurn, input })
    return true
  } catch (error) {
    // The turn ended while the words were on their way.
    if (isCoxError(error, 'RPC_ERROR') || isCoxError(error, 'RPC_ENDED')) return false
    throw error
  }
}

async function interruptLive(state: SessionState): Promise<void> {
  if (state.liveTurn !== null) await interruptTurn(state, state.liveTurn)
}
