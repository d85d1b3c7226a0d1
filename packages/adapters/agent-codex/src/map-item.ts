import { isAbsolute, relative } from 'node:path'
import { keptOutput, type AgentEvent, type ToolKind } from '@coxswain/agents'
import { redact } from '@coxswain/kernel'
import type { CodexItem } from './wire.ts'

type Tool = Exclude<CodexItem, { type: 'agentMessage' }>

export function toolStart(item: Tool, worktree: string): AgentEvent {
  return { type: 'tool-start', toolId: item.id, kind: kindOf(item), title: redact(titleOf(item, worktree)).slice(0, maxTitle) }
}

export function toolEnd(item: Tool, worktree: string): AgentEvent[] {
  const status = statusOf(item)
  const end: AgentEvent = { type: 'tool-end', toolId: item.id, status, exitCode: exitCodeOf(item), output: outputOf(item) }
  if (item.type !== 'fileChange' || status !== 'ok') return [end]
  return [end, { type: 'files-changed', paths: item.changes.map((change) => shortPath(change.path, worktree)) }]
}

const maxTitle = 1_000

function kindOf(item: Tool): ToolKind {
  switch (item.type) {
    case 'commandExecution':
      return 'command'
    case 'fileChange':
      return 'edit'
    case 'webSearch':
      return 'network'
    default:
      return 'other'
  }
}

function titleOf(item: Tool, worktree: string): string {
  switch (item.type) {
    case 'commandExecution':
      return item.command
    case 'fileChange':
      return item.changes.map((change) => shortPath(change.path, worktree)).join(', ')
    case 'webSearch':
      return item.query ?? ''
    default:
      return `${item.server}/${item.tool}`
  }
}

function statusOf(item: Tool): 'ok' | 'failed' | 'declined' {
  if (item.type === 'webSearch') return 'ok'
  if (item.status === 'declined') return 'declined'
  return item.status === 'completed' ? 'ok' : 'failed'
}

function exitCodeOf(item: Tool): number | null {
  return item.type === 'commandExecution' ? (item.exitCode ?? null) : null
}

function outputOf(item: Tool): string {
  if (item.type === 'commandExecution') return keptOutput(item.aggregatedOutput ?? '')
  if (item.type !== 'fileChange') return ''
  return keptOutput(item.changes.map((change) => change.diff).join('\n'))
}

export function shortPath(path: string, worktree: string): string {
  const inside = relative(worktree, path)
  return isAbsolute(path) && !inside.startsWith('..') && !isAbsolute(inside) ? inside : path
}
