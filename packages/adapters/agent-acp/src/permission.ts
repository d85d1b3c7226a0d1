import type { ApprovalDecision, ApprovalRequest } from '@coxswain/agents'
import { redact } from '@coxswain/kernel'
import { commandOf, isEdit } from './map-update.ts'
import type { PermissionRequest } from './wire.ts'

export function toApprovalRequest({ toolCall }: PermissionRequest): ApprovalRequest {
  const kind = toolCall.kind === 'execute' ? 'command' : isEdit(toolCall.kind) ? 'edit' : 'permission'
  const details = kind === 'command' ? commandDetails(toolCall) : pathsOf(toolCall)
  return { kind, title: redact(toolCall.title ?? '').slice(0, 500), details: details.map(redact) }
}

/** Programs that keep the input to themselves have the command as the title. */
function commandDetails({ rawInput, title }: PermissionRequest['toolCall']): string[] {
  const command = commandOf(rawInput)
  return command.length > 0 || title == null ? command : [title]
}

function pathsOf(toolCall: PermissionRequest['toolCall']): string[] {
  const diffs = (toolCall.content ?? []).flatMap((part) => (part.type === 'diff' && part.path != null ? [part.path] : []))
  return [...new Set([...diffs, ...(toolCall.locations ?? []).map((location) => location.path)])]
}

export type PermissionOutcome = { readonly outcome: 'cancelled' } | { readonly outcome: 'selected'; readonly optionId: string }

/** For this once where the program offers it: a lasting answer would decide for requests that nobody has seen. */
export function choosePermission(request: PermissionRequest, decision: ApprovalDecision): PermissionOutcome {
  const wanted =
    decision === 'accept' ? ['allow_once', 'allow_always'] : decision === 'decline' ? ['reject_once', 'reject_always'] : []
  const chosen = wanted
    .map((kind) => request.options.find((option) => option.kind === kind))
    .find((option) => option !== undefined)
  return chosen === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: chosen.optionId }
}
