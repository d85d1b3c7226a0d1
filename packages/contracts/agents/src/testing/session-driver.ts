import { seconds, silentLogger, type Duration } from '@coxswain/kernel'
import type { AgentEvent, ApprovalDecision, ApprovalRequest } from '../event.ts'
import type { AgentBackend, AgentSession, SessionOptions, TurnResult } from '../session.ts'
import type { ConformanceTarget, ConformanceWorld } from './target.ts'

/** One session under test, with everything it told. */
export interface SessionDriver {
  readonly session: AgentSession
  readonly events: readonly AgentEvent[]
  readonly positions: readonly number[]
  readonly approvals: readonly ApprovalRequest[]
  readonly turn: (options: DriverTurn) => Promise<TurnResult>
  readonly waitForEvent: (type: AgentEvent['type']) => Promise<void>
}

export interface DriverTurn {
  readonly key: string
  readonly prompt: string
  readonly idleLimit?: Duration
  readonly signal?: AbortSignal
}

export interface DriverOptions {
  readonly target: ConformanceTarget
  readonly world: ConformanceWorld
  readonly key: string
  readonly backend?: AgentBackend
  readonly resumeToken?: string | null
  readonly decision?: ApprovalDecision
  readonly network?: SessionOptions['network']
  readonly git?: string
}

export async function openDriver(options: DriverOptions): Promise<SessionDriver> {
  const { target, world } = options
  const backend = options.backend ?? target.createBackend(world.environment)
  const record: SessionRecord = { events: [], positions: [], approvals: [], waiting: [] }
  const session = await backend.openSession(sessionOptions(options, record))
  return {
    session,
    events: record.events,
    positions: record.positions,
    approvals: record.approvals,
    turn: ({ key, prompt, idleLimit, signal }) =>
      session.turn({ key, prompt, idleLimit: idleLimit ?? seconds(60), signal: signal ?? new AbortController().signal }),
    waitForEvent: async (type) => {
      while (!record.events.some((event) => event.type === type))
        await new Promise<void>((resolve) => record.waiting.push(resolve))
    },
  }
}

interface SessionRecord {
  readonly events: AgentEvent[]
  readonly positions: number[]
  readonly approvals: ApprovalRequest[]
  waiting: (() => void)[]
}

function sessionOptions(
  { target, world, key, resumeToken, decision, network, git }: DriverOptions,
  record: SessionRecord,
): SessionOptions {
  return {
    key,
    stateDir: world.stateDir,
    worktree: world.worktree,
    ...(git === undefined ? {} : { git }),
    model: target.model,
    instructions: 'Standing instructions of the suite.',
    resumeToken: resumeToken ?? null,
    environment: world.sessionEnvironment,
    network: network ?? 'full',
    clock: world.clock,
    logger: silentLogger,
    signal: new AbortController().signal,
    onEvent: (event, position) => {
      record.events.push(event)
      record.positions.push(position)
      for (const wake of record.waiting.splice(0)) wake()
    },
    approve: async (request) => {
      record.approvals.push(request)
      return decision ?? 'decline'
    },
  }
}
