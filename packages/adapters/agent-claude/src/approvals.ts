import type { ApprovalDecision, ApprovalRequest } from '@coxswain/agents'
import { redact } from '@coxswain/kernel'
import { kindOfTool } from './map-tool.ts'
import type { ControlRequest } from './wire.ts'

export function approvalOf({ request }: ControlRequest): ApprovalRequest {
  const name = request.tool_name ?? 'a tool'
  const input = request.input ?? {}
  const detail = input['command'] ?? input['file_path'] ?? input['url'] ?? input
  return {
    kind: kindOfRequest(name),
    title: redact(request.description ?? `Use ${name}`).slice(0, 1_000),
    details: [redact(typeof detail === 'string' ? detail : JSON.stringify(detail)).slice(0, 4_000)],
  }
}

function kindOfRequest(tool: string): ApprovalRequest['kind'] {
  if (tool === 'AskUserQuestion') return 'question'
  const kind = kindOfTool(tool)
  return kind === 'command' || kind === 'edit' ? kind : 'permission'
}

export function answerOf({ request }: ControlRequest, decision: ApprovalDecision): Record<string, unknown> {
  if (decision === 'accept') return { behavior: 'allow', updatedInput: request.input ?? {} }
  const message = 'This is not allowed here. Go on without it, inside the worktree.'
  return decision === 'cancel' ? { behavior: 'deny', message, interrupt: true } : { behavior: 'deny', message }
}
