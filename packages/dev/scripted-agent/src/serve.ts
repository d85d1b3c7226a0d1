import { randomUUID } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import {
  agent,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type AgentContext,
  type ContentBlock,
  type PromptResponse,
} from '@agentclientprotocol/sdk/unstable'
import { z } from 'zod'
import { loadConversation, newConversation, saveConversation, type Conversation } from './conversation.ts'
import { perform, type Stage } from './perform.ts'
import type { Action, Script } from './script.ts'

interface LiveSession {
  readonly cwd: string
  conversation: Conversation
  turn: AbortController | null
  /** Words that came in the middle of a turn. */
  steered: string[]
  isDeaf: boolean
}

const steering = z.object({ sessionId: z.string(), prompt: z.array(z.looseObject({ text: z.string() })) })

interface AgentState {
  readonly script: Script
  readonly sessions: Map<string, LiveSession>
}

/** Speaks the protocol on stdin and stdout until stdin ends. */
export function serve(script: Script): void {
  const state: AgentState = { script, sessions: new Map() }
  const app = agent({ name: 'scripted-agent' })
    .onRequest('initialize', () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: 'scripted-agent', version: '0.1.0' },
      _meta: { steering: { supported: true } },
      agentCapabilities: { loadSession: true, sessionCapabilities: { resume: {}, close: {} } },
    }))
    .onRequest('session/new', ({ params }) => {
      const sessionId = randomUUID()
      open(state, sessionId, params.cwd, newConversation)
      saveConversation(sessionId, newConversation)
      return { sessionId }
    })
    .onRequest('session/load', async ({ params, client }) => {
      const conversation = reopen(state, params.sessionId, params.cwd)
      for (const entry of conversation.history) {
        const sessionUpdate = entry.role === 'user' ? 'user_message_chunk' : 'agent_message_chunk'
        const update = { sessionUpdate, content: { type: 'text', text: entry.text } } as const
        await client.notify('session/update', { sessionId: params.sessionId, update })
      }
      return {}
    })
    .onRequest('session/resume', ({ params }) => {
      reopen(state, params.sessionId, params.cwd)
      return {}
    })
    .onRequest('session/close', ({ params }) => void state.sessions.delete(params.sessionId))
    .onRequest('session/prompt', ({ params, client }) => takeTurn(state, { ...params, client }))
    .onRequest('_session/steering', steering, ({ params }) => {
      const session = state.sessions.get(params.sessionId)
      if (session?.turn == null) return { outcome: 'promptRequired', reason: 'noRunningTurn' }
      session.steered.push(...params.prompt.map((block) => block.text))
      return { outcome: 'injected' }
    })
    .onNotification('session/cancel', ({ params }) => {
      const session = state.sessions.get(params.sessionId)
      if (session?.isDeaf === false) session.turn?.abort()
    })

  app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>))
}

function open(state: AgentState, sessionId: string, cwd: string, conversation: Conversation): void {
  state.sessions.set(sessionId, { cwd, conversation, turn: null, steered: [], isDeaf: false })
}

function reopen(state: AgentState, sessionId: string, cwd: string): Conversation {
  const conversation = loadConversation(sessionId)
  if (conversation === null) throw RequestError.resourceNotFound(sessionId)
  open(state, sessionId, cwd, conversation)
  return conversation
}

interface TurnRequest {
  readonly sessionId: string
  readonly prompt: readonly ContentBlock[]
  readonly client: AgentContext
}

async function takeTurn(state: AgentState, request: TurnRequest): Promise<PromptResponse> {
  const { sessionId, client } = request
  const prompt = textOf(request.prompt)
  const session = state.sessions.get(sessionId)
  if (session === undefined) throw RequestError.resourceNotFound(sessionId)
  const scenario = chooseScenario(state.script, session, prompt)
  // A turn that is killed is gone on with by a prompt that need not name its scenario.
  saveConversation(sessionId, (session.conversation = { ...session.conversation, scenario }))
  const actions = state.script[scenario]?.[session.conversation.turnsDone[scenario] ?? 0] ?? nothingLeft
  const turn = new AbortController()
  session.turn = turn
  session.steered = []
  const endTurn = (): void =>
    saveConversation(sessionId, (session.conversation = afterTurn(session.conversation, scenario, { prompt, said: stage.said })))
  const stage: Stage = {
    sessionId,
    cwd: session.cwd,
    client,
    signal: turn.signal,
    beforeExit: endTurn,
    onIgnoreCancel: () => (session.isDeaf = true),
    heard: () => [...session.conversation.history.map((entry) => entry.text), prompt, stage.said, ...session.steered].join('\n'),
    scenario,
    usage: null,
    said: '',
    marks: 0,
  }
  try {
    const stopReason = (await perform(stage, actions)) ?? 'end_turn'
    return { stopReason, usage: stage.usage }
  } finally {
    session.turn = null
    endTurn()
  }
}

const nothingLeft: readonly Action[] = [{ do: 'say', text: 'The script has nothing more to do.' }]

function chooseScenario(script: Script, session: LiveSession, prompt: string): string {
  const named = /\[scenario:([^\]]+)\]/.exec(prompt)?.[1]
  const scenario = named ?? session.conversation.scenario ?? 'default'
  if (script[scenario] === undefined) throw RequestError.invalidParams({ scenario }, 'the script has no such scenario')
  return scenario
}

function afterTurn(before: Conversation, scenario: string, { prompt, said }: { prompt: string; said: string }): Conversation {
  const history = [...before.history, { role: 'user' as const, text: prompt }, { role: 'agent' as const, text: said }]
  return { scenario, turnsDone: { ...before.turnsDone, [scenario]: (before.turnsDone[scenario] ?? 0) + 1 }, history }
}

function textOf(prompt: readonly ContentBlock[]): string {
  return prompt.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
}
