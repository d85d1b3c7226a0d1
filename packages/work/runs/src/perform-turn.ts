import {
  agentFailureKinds,
  noUsage,
  totalTokens,
  type AgentEvent,
  type AgentFailure,
  type AgentFailureKind,
  type AgentSession,
  type TokenUsage,
  type TurnResult,
} from '@coxswain/agents'
import { asideOf, attachHead, changedSubmodules, commitTree, ignoredSince, snapshotTree, type Git } from '@coxswain/host'
import { askedAbout } from '@coxswain/protection'
import { isCoxError, redact, type CoxError } from '@coxswain/kernel'
import { commitMessage } from './commit-message.ts'
import { dayBreach } from './day-budget.ts'
import { prepareGit, tellOfStash, wordsOnStash } from './agent-git.ts'
import { createEventSink } from './event-sink.ts'
import { isStanding } from './reaction.ts'
import { gatesOf } from './judge-tree.ts'
import { mendedRule } from './mended-rule.ts'
import { renderPrompt } from './prompts.ts'
import { interruptionOf, type EffectContext } from './effect-context.ts'
import type { Effect, Interruption, Said } from './run-progress.ts'
import type { UntimedOutcome } from './services.ts'
import { beforeTurn, escapesOf } from './guard-turn.ts'
import { keepWork } from './run-branch.ts'
import { ensureSessionDir, holdSession, programOf } from './sessions.ts'
import { modulesOf, standingWorktree } from './standing-worktree.ts'
import type { Worktree } from './worktree-pool.ts'
import { roomOf, waitForRoom } from './wait-for-room.ts'

/** One turn of the agent: its work is what git says changed, never what it says it did. */
export async function performTurn(effect: Extract<Effect, { kind: 'turn' }>, context: EffectContext): Promise<UntimedOutcome> {
  const { services } = context
  const { day } = services.config
  const breach = day.tokens === null && day.usd === null ? null : dayBreach(await services.journal.spentToday(), day)
  if (breach !== null) return { kind: 'failed', outcome: 'budget-exceeded', reason: breach }
  const room = roomOf(context)
  const worktree = await waitForRoom(room, () => standingWorktree(context))
  const sink = await createEventSink(context)
  const before = await waitForRoom(room, () => beforeTurn(context))
  const git = await waitForRoom(room, () => prepareGit(context, worktree.git))
  const startedAt = services.clock.now() - clockGrainMs
  try {
    const turn = await converse(effect, context, { worktree: worktree.path, git, onEvent: sink.add })
    // An interrupted turn may end without figures: what was reported on the way was spent all the same.
    const usage = larger(turn.result.usage, context.budget.reported())
    context.shutdown.throwIfAborted()
    services.hold.check()
    const interruptedBy = context.interrupt.aborted ? interruptionOf(context) : await cutShort(turn.result, context)
    const failure = interruptedBy === null ? failureOf(turn.result) : interruptedBy.by === 'shutdown' ? null : turn.result.failure
    if (failure === null && interruptedBy?.by !== 'shutdown') await shrinkBaseline(worktree.path, context)
    const escaped = await waitForRoom(room, () => escapesOf(before, context))
    await tellOfStash(context, git)
    await clearTree(worktree, context)
    const work = await waitForRoom(room, () => recordWork(worktree.git, git, context))
    const ignored = work.isChanged ? [] : (await ignoredSince(worktree.git, startedAt)).map(({ path, by }) => `${path} (${by})`)
    return {
      kind: 'turn-ended',
      ...work,
      escaped,
      ...(ignored.length === 0 ? {} : { ignored }),
      failure,
      interruptedBy,
      usage,
      costUsd: turn.result.costUsd,
      resumeToken: turn.resumeToken,
      model: turn.result.model,
      message: redact(turn.result.message).slice(0, 4_000),
      undelivered: context.control.pendingMessages(),
    }
  } finally {
    await sink.close()
  }
}

/** File systems keep times more coarsely than clocks tell them. */
const clockGrainMs = 20

async function clearTree(worktree: Worktree, { services, record }: EffectContext): Promise<void> {
  const gone = await worktree.clear()
  if (gone.length === 0) return
  const named = `${gone.slice(0, 3).join(', ')}${gone.length > 3 ? ` and ${gone.length - 3} more` : ''}`
  await services.journal.notice(record.run.id, `the agent left what is no file, and it is removed: ${named}`)
}

/** An agent that went with an orderly stop of ours did not fail, however its program took that. */
async function cutShort({ status }: TurnResult, { services, record, key }: EffectContext): Promise<Interruption | null> {
  if (status === 'completed' || !(await services.journal.wasSuspended(record.run.id, key))) return null
  return { by: 'shutdown', text: 'the daemon was stopped' }
}

/** What a task mends of a rule's population leaves the baseline with the very change that mends it. */
async function shrinkBaseline(worktree: string, { services, record, interrupt, shutdown }: EffectContext): Promise<void> {
  const rule = mendedRule(record.task)
  if (rule === null) return
  const signal = AbortSignal.any([interrupt, shutdown])
  await services
    .shrinkBaseline({ worktree, rule, signal })
    .catch((error: unknown) =>
      services.logger.warn('the baseline was not looked at', { run: record.run.id, rule, error: String(error) }),
    )
}

/** A turn that broke off without our doing is none that came to its end, whatever there is of its work. */
function failureOf({ status, failure }: TurnResult): AgentFailure | null {
  if (failure !== null || status === 'completed') return failure
  return { kind: 'turn-limit', message: 'Its program broke the turn off', code: null, retryAfter: null, resetAt: null }
}

function larger(left: TokenUsage, right: TokenUsage): TokenUsage {
  return totalTokens(left) >= totalTokens(right) ? left : right
}

type TurnEnded = Extract<UntimedOutcome, { kind: 'turn-ended' }>

interface Place {
  readonly worktree: string
  readonly git: string | null
  readonly onEvent: (event: AgentEvent, position: number) => void
}

async function converse(
  effect: Extract<Effect, { kind: 'turn' }>,
  context: EffectContext,
  place: Place,
): Promise<{ result: TurnResult; resumeToken: string | null }> {
  const { services, record } = context
  const key = `${record.run.id}/${programOf(record.progress)}`
  services.hold.check()
  let session: AgentSession
  try {
    session = await waitForRoom(roomOf(context), () => holdSession(key, services, () => openSession(key, context, place)))
  } catch (error) {
    const failure = failureToStart(error)
    if (failure === null) throw error
    return { result: { status: 'failed', failure, usage: noUsage, costUsd: null, model: null, message: '' }, resumeToken: null }
  }
  const words = offerWords(session, context)
  listeners.set(session, (event, position) => {
    place.onEvent(event, position)
    words.again()
  })
  const stopListening = context.control.onMessage(words.offer)
  try {
    const prompt = renderPrompt(effect.prompt, {
      task: record.task,
      gates: gatesOf(services.config),
      protectedPaths: services.config.protected,
      redGate: record.progress.redGate ?? null,
    })
    const whole = `${prompt}${wordsOnStash(place.git)}`
    const result = await letGoOnShutdown(session, context, () =>
      session.turn({ key: context.key, prompt: whole, idleLimit: services.config.limits.idle, signal: context.interrupt }),
    )
    if (result.failure !== null && !isStanding(result.failure)) await endBroken(key, session, context)
    return { result, resumeToken: session.resumeToken }
  } finally {
    stopListening()
    listeners.delete(session)
  }
}

/** A session outlives its turn, a turn's listener does not: events go to whoever listens now. */
const listeners = new WeakMap<AgentSession, (event: AgentEvent, position: number) => void>()

async function openSession(key: string, context: EffectContext, place: Place): Promise<AgentSession> {
  const { services, record } = context
  const { run, progress } = record
  const opened: { session: AgentSession | null } = { session: null }
  const stateDir = await ensureSessionDir(run.id, progress.session, services)
  const door = await services.openDoor(run.id, stateDir)
  const session = await services.backend(run.agent).openSession({
    key,
    stateDir,
    worktree: place.worktree,
    ...(place.git === null ? {} : { git: place.git }),
    model: run.model,
    instructions: null,
    resumeToken: progress.resumeToken,
    environment: { ...services.agentEnvironment(run.agent), ...door },
    network: services.config.network,
    clock: services.clock,
    logger: services.logger,
    // Before the session object exists, events belong to the turn that opens it.
    onEvent: (event, position) =>
      (opened.session === null ? place.onEvent : (listeners.get(opened.session) ?? place.onEvent))(event, position),
    // Unattended: what the sandbox does not allow by itself is not granted by anybody.
    approve: async (request) => (request.kind === 'edit' ? 'accept' : 'decline'),
    signal: context.interrupt,
  })
  opened.session = session
  return session
}

async function letGoOnShutdown(
  session: AgentSession,
  context: EffectContext,
  turn: () => Promise<TurnResult>,
): Promise<TurnResult> {
  const { shutdown } = context
  shutdown.throwIfAborted()
  const running = turn()
  const leaving = new Promise<never>((_, reject) =>
    shutdown.addEventListener('abort', () => reject(shutdown.reason), { once: true }),
  )
  try {
    return await Promise.race([running, leaving])
  } catch (error) {
    if (shutdown.aborted) {
      running.catch(() => {}) // it ends with the detaching
      await session.detach()
    }
    throw error
  }
}

/** After a failure the program is in an unknown state: the next turn starts it anew and resumes the conversation. */
async function endBroken(key: string, session: AgentSession, { services }: EffectContext): Promise<void> {
  services.sessions.delete(key)
  await session.close()
}

/** A turn that has not begun yet takes no words: they are offered again as it shows life, ever more rarely to one that takes none at all. */
function offerWords(session: AgentSession, context: EffectContext): { offer(said: Said): void; again(): void } {
  const offered = new Set<number>()
  let signs = 0
  const offer = (said: Said): void => {
    if (offered.has(said.id)) return
    offered.add(said.id)
    void steer(session, said, context).finally(() => offered.delete(said.id))
  }
  const again = (): void => {
    signs += 1
    if (Number.isInteger(Math.log2(signs))) context.control.pendingMessages().forEach(offer)
  }
  return { offer, again }
}

async function steer(session: AgentSession, message: Said, { services, record, control }: EffectContext): Promise<void> {
  try {
    if (!(await session.steer(message.text))) return
    control.markDelivered(message.id)
    await services.journal.delivered(record.run.id, message.id)
  } catch (error) {
    services.logger.warn('words did not reach the live turn; they open the next one', {
      run: record.run.id,
      error: String(error),
    })
  }
}

const startFailures: Readonly<Record<string, AgentFailureKind>> = {
  AGENT_NOT_INSTALLED: 'not-installed',
  COMMAND_NOT_FOUND: 'not-installed',
  AGENT_INCOMPATIBLE: 'incompatible',
  AGENT_START_FAILED: 'crashed',
  AGENT_NOT_LOGGED_IN: 'auth',
  AGENT_RESUME_FAILED: 'protocol',
}

function failureToStart(error: unknown): AgentFailure | null {
  if (!isCoxError(error)) return null
  const kind = startFailures[error.code] ?? kindInData(error)
  return kind === undefined
    ? null
    : { kind, message: `${error.message}. ${error.hint}`, code: error.code, retryAfter: null, resetAt: null }
}

function kindInData(error: CoxError): AgentFailureKind | undefined {
  return agentFailureKinds.find((kind) => kind === error.data['kind'])
}

/** Commits what stands in the working tree on the run's branch, whatever the agent did to branch, index or HEAD. `agents`: its own git folder. */
async function recordWork(
  git: Git,
  agents: string | null,
  context: EffectContext,
): Promise<Pick<TurnEnded, 'head' | 'tree' | 'isChanged' | 'protectedPaths' | 'proofChanges' | 'reaches' | 'outOfReach'>> {
  const { services, record } = context
  const { run, progress } = record
  const base = progress.base ?? ''
  const tree = await snapshotTree(git, base, agents === null ? null : asideOf(agents))
  const at = Math.floor(run.createdAt / 1000) + progress.turns + 1
  const head = await commitTree(git, {
    tree,
    parents: [base],
    message: commitMessage(record, services.config.landing.message),
    at,
  })
  const kept = await keepWork(context, head, git)
  if (kept === null) await attachHead(git, run.branch)
  else await services.journal.notice(run.id, kept)
  const { changed, ...asked } = await askedAbout(services.config, { git, root: services.repository.root, base, head })
  return {
    head,
    tree,
    isChanged: changed > 0,
    ...asked,
    outOfReach: await changedSubmodules(git, modulesOf(context)),
  }
}
