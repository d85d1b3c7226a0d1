import { isAbsolute, relative } from 'node:path'
import { keptOutput, type AgentEvent, type ToolKind } from '@coxswain/agents'
import { redact } from '@coxswain/kernel'
import type { Block } from './wire.ts'

export type ToolUse = Extract<Block, { type: 'tool_use' }>
type ToolResult = Extract<Block, { type: 'tool_result' }>

export function toolStart(use: ToolUse, worktree: string): AgentEvent {
  return {
    type: 'tool-start',
    toolId: use.id,
    kind: kinds[use.name] ?? 'other',
    title: redact(titleOf(use, worktree)).slice(0, 1_000),
  }
}

export interface ToolEnding {
  readonly result: ToolResult
  readonly use: ToolUse | undefined
  readonly isDeclined: boolean
  readonly worktree: string
}

export function toolEnd({ result, use, isDeclined, worktree }: ToolEnding): AgentEvent[] {
  const output = keptOutput(textOf(result.content))
  const failed = result.is_error === true
  const exitCode = use?.name === 'Bash' && !isDeclined ? exitCodeOf(output, failed) : null
  const status = isDeclined ? 'declined' : failed ? 'failed' : 'ok'
  const end: AgentEvent = { type: 'tool-end', toolId: result.tool_use_id, status, exitCode, output }
  const path = use === undefined || kinds[use.name] !== 'edit' ? null : pathOf(use, worktree)
  return status === 'ok' && path !== null ? [end, { type: 'files-changed', paths: [path] }] : [end]
}

const kinds: Readonly<Record<string, ToolKind>> = {
  Bash: 'command',
  Edit: 'edit',
  MultiEdit: 'edit',
  Write: 'edit',
  NotebookEdit: 'edit',
  Read: 'read',
  Glob: 'search',
  Grep: 'search',
  WebFetch: 'network',
  WebSearch: 'network',
}

export function kindOfTool(name: string): ToolKind {
  return kinds[name] ?? 'other'
}

function titleOf(use: ToolUse, worktree: string): string {
  const { command } = use.input
  if (typeof command === 'string') return command
  return pathOf(use, worktree) ?? use.name
}

function pathOf(use: ToolUse, worktree: string): string | null {
  const path = use.input['file_path'] ?? use.input['notebook_path']
  if (typeof path !== 'string') return null
  const inside = relative(worktree, path)
  return isAbsolute(path) && !inside.startsWith('..') ? inside : path
}

/** A failed command says its code in the first line of its output; one that was killed says none. */
function exitCodeOf(output: string, failed: boolean): number | null {
  if (!failed) return 0
  const code = /^(?:Error: )?Exit code (\d+)/.exec(output)?.[1]
  return code === undefined ? null : Number(code)
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: unknown) => (isText(part) ? part.text : '')).join('\n')
}

function isText(part: unknown): part is { text: string } {
  return typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
}
