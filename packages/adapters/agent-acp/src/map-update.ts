import { isAbsolute, relative } from 'node:path'
import { keptOutput, type AgentEvent, type ToolKind } from '@coxswain/agents'
import { isObject } from '@coxswain/json-lines'
import { assertNever, redact } from '@coxswain/kernel'
import { toolOf, turnCost, type ToolState, type TurnState } from './turn-state.ts'
import { sessionUpdate, type SessionUpdate, type WireToolCall } from './wire.ts'

/** Takes one update into the turn and says what it means to the outside; what we do not know is nothing. */
export function mapUpdate(state: TurnState, update: unknown, worktree: string): AgentEvent[] {
  const parsed = sessionUpdate.safeParse(update)
  return parsed.success ? mapKnown(state, parsed.data, worktree) : []
}

function mapKnown(state: TurnState, update: SessionUpdate, worktree: string): AgentEvent[] {
  switch (update.sessionUpdate) {
    case 'agent_message_chunk':
      return messageChunk(state, update.content.text ?? '', update.messageId ?? null)
    case 'tool_call':
    case 'tool_call_update':
      return [...(isBlank(update) ? [] : startTool(state, update)), ...toolProgress(state, update, worktree)]
    case 'plan':
      return [
        {
          type: 'plan',
          steps: update.entries.map((entry) => ({ text: redact(entry.content), status: stepStatus(entry.status) })),
        },
      ]
    case 'usage_update':
      return contextUsage(state, update)
    default:
      return assertNever(update)
  }
}

function messageChunk(state: TurnState, text: string, messageId: string | null): AgentEvent[] {
  if (text === '') return []
  const isOther = messageId !== null && state.openMessageId !== null && messageId !== state.openMessageId
  const before = isOther ? endMessage(state) : []
  state.openMessage += text
  state.openMessageId = messageId ?? state.openMessageId
  return [...before, { type: 'message-delta', text: redact(text) }]
}

/** The whole message, once something else follows it. */
export function endMessage(state: TurnState): AgentEvent[] {
  const text = redact(state.openMessage)
  state.openMessage = ''
  state.openMessageId = null
  if (text.trim() === '') return []
  state.lastMessage = text
  return [{ type: 'message', text }]
}

/** Announced before the model has said what with: the next word on it says more. */
function isBlank({ status, kind, rawInput }: WireToolCall): boolean {
  if (status !== 'pending' || !isObject(rawInput)) return false
  return toolKind(kind) === 'command' ? commandOf(rawInput).length === 0 : Object.keys(rawInput).length === 0
}

/** Some programs speak of a tool first when they ask for permission, or when it has ended. */
export function startTool(state: TurnState, call: WireToolCall): AgentEvent[] {
  const tool = toolOf(state, call.toolCallId)
  tool.kind = call.kind ?? tool.kind
  if (tool.hasStarted) return []
  tool.hasStarted = true
  const kind = toolKind(tool.kind)
  return [...endMessage(state), { type: 'tool-start', toolId: call.toolCallId, kind, title: titleOf(call) }]
}

function titleOf(call: WireToolCall): string {
  const command = commandOf(call.rawInput).join(' ')
  return redact(command === '' ? (call.title ?? '') : command).slice(0, 500)
}

export function commandOf(input: unknown): string[] {
  const command = isObject(input) ? input['command'] : null
  if (typeof command === 'string') return [command]
  return Array.isArray(command) ? command.map(String) : []
}

/** Not every program ends what was declined, or was under way when the turn ended. */
export function endTools(state: TurnState, hasCompleted: boolean): AgentEvent[] {
  const open = [...state.tools].filter(([, tool]) => tool.hasStarted && !tool.hasEnded)
  return open.map(([toolId, tool]) => {
    tool.hasEnded = true
    const status = tool.isDeclined ? 'declined' : hasCompleted ? 'ok' : 'failed'
    return { type: 'tool-end', toolId, status, exitCode: null, output: '' }
  })
}

const toolKinds: Readonly<Record<string, ToolKind>> = {
  read: 'read',
  edit: 'edit',
  delete: 'edit',
  move: 'edit',
  search: 'search',
  execute: 'command',
  fetch: 'network',
}

function toolKind(kind: string | null | undefined): ToolKind {
  return toolKinds[kind ?? ''] ?? 'other'
}

export function isEdit(kind: string | null | undefined): boolean {
  return toolKind(kind) === 'edit'
}

function toolProgress(state: TurnState, call: WireToolCall, worktree: string): AgentEvent[] {
  const tool = toolOf(state, call.toolCallId)
  tool.kind = call.kind ?? tool.kind
  for (const path of changedPaths(tool, call)) tool.paths.add(insideWorktree(path, worktree))
  const hasEnded = call.status === 'completed' || call.status === 'failed'
  if (!hasEnded || tool.hasEnded) return []
  tool.hasEnded = true
  const exitCode = exitCodeOf(call)
  // A command that was run is a completed call, however it ended.
  const isOk = call.status === 'completed' && (exitCode ?? 0) === 0
  const status = tool.isDeclined ? 'declined' : isOk ? 'ok' : 'failed'
  const output = keptOutput(outputOf(call))
  const end: AgentEvent = { type: 'tool-end', toolId: call.toolCallId, status, exitCode, output }
  return status === 'ok' && tool.paths.size > 0 ? [end, { type: 'files-changed', paths: [...tool.paths] }] : [end]
}

function changedPaths(tool: ToolState, call: WireToolCall): string[] {
  const diffs = (call.content ?? []).filter((part) => part.type === 'diff').map((part) => part.path ?? '')
  const locations = isEdit(tool.kind) ? (call.locations ?? []).map((location) => location.path) : []
  return [...diffs, ...locations].filter((path) => path !== '')
}

function insideWorktree(path: string, worktree: string): string {
  return isAbsolute(path) ? relative(worktree, path) : path
}

function outputOf(call: WireToolCall): string {
  const texts = (call.content ?? []).map((part) => part.content?.text ?? '').filter((text) => text !== '')
  if (texts.length > 0) return texts.join('\n')
  if (typeof call.rawOutput === 'string') return call.rawOutput
  const output = isObject(call.rawOutput)
    ? (call.rawOutput['output'] ?? call.rawOutput['formatted_output'] ?? call.rawOutput['error'])
    : null
  return typeof output === 'string' ? output : ''
}

/** Not in the standard: where the programs put it. */
function exitCodeOf(call: WireToolCall): number | null {
  const raw = isObject(call.rawOutput) ? call.rawOutput : {}
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {}
  const terminal = isObject(call._meta?.['terminal_exit']) ? call._meta['terminal_exit'] : {}
  const candidates = [raw['exit_code'], raw['exitCode'], metadata['exit'], terminal['exit_code']]
  return candidates.find((value) => typeof value === 'number') ?? null
}

function stepStatus(status: string): 'pending' | 'active' | 'done' {
  if (status === 'completed') return 'done'
  return status === 'in_progress' ? 'active' : 'pending'
}

type UsageUpdate = Extract<SessionUpdate, { sessionUpdate: 'usage_update' }>

/** Tells the size of the context, not what the turn has used: that comes with its answer. */
function contextUsage(state: TurnState, update: UsageUpdate): AgentEvent[] {
  state.contextTokens = update.used ?? state.contextTokens
  state.contextWindow = update.size ?? state.contextWindow
  if (update.cost?.currency === 'USD') state.sessionCost = update.cost.amount
  return [usageEvent(state)]
}

export function usageEvent(state: TurnState): AgentEvent {
  const { usage: turn, contextTokens, contextWindow } = state
  return { type: 'usage', turn, costUsd: turnCost(state), contextTokens, contextWindow }
}
