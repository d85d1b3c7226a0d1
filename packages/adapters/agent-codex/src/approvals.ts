import type { ApprovalDecision, ApprovalRequest } from '@coxswain/agents'
import type { RpcAnswer, RpcRequest } from '@coxswain/json-lines'
import { redact } from '@coxswain/kernel'
import { approvalSchema } from './wire.ts'

export interface CodexQuestion {
  /** Null: nobody is asked, `answer` does not depend on a decision. */
  readonly request: ApprovalRequest | null
  answer(decision: ApprovalDecision): RpcAnswer
}

/** What codex asks of its client, as an approval; `pathsOf` tells what a file change under way touches. */
export function readQuestion({ method, params }: RpcRequest, pathsOf: (itemId: string) => readonly string[]): CodexQuestion {
  const parsed = approvalSchema.safeParse(params)
  if (!parsed.success) return refusal(method)
  const asked = parsed.data
  switch (method) {
    case 'item/commandExecution/requestApproval':
      return decided({
        kind: 'command',
        title: asked.reason ?? 'Run a command',
        details: asked.command == null ? [] : [asked.command],
      })
    case 'item/fileChange/requestApproval':
      return decided({ kind: 'edit', title: asked.reason ?? 'Change files', details: pathsOf(asked.itemId ?? '') })
    case 'item/permissions/requestApproval':
      return permissions(
        { kind: 'permission', title: asked.reason ?? 'More permissions', details: [JSON.stringify(asked.permissions)] },
        asked.permissions,
      )
    case 'item/tool/requestUserInput':
      return noAnswer(asked.questions ?? [])
    case 'mcpServer/elicitation/request':
      return { request: null, answer: () => ({ result: { action: 'decline', content: null, _meta: null } }) }
    default:
      return refusal(method)
  }
}

function decided(request: ApprovalRequest): CodexQuestion {
  return { request: redacted(request), answer: (decision) => ({ result: { decision } }) }
}

function permissions(request: ApprovalRequest, asked: unknown): CodexQuestion {
  return {
    request: redacted(request),
    answer: (decision) => ({ result: { permissions: decision === 'accept' ? asked : {}, scope: 'turn' } }),
  }
}

/** A person's answer has no way back through an approval: the model is told to decide, and what it decides is judged by the gates. */
function noAnswer(questions: readonly { readonly id?: unknown; readonly question?: string | null | undefined }[]): CodexQuestion {
  const answers = Object.fromEntries(
    questions.map(({ id }) => [String(id), { answers: ['Nobody is here to answer. Decide yourself and go on.'] }]),
  )
  return { request: null, answer: () => ({ result: { answers } }) }
}

function refusal(method: string): CodexQuestion {
  return { request: null, answer: () => ({ error: { code: -32_601, message: `${method} is not supported by this client` } }) }
}

function redacted({ kind, title, details }: ApprovalRequest): ApprovalRequest {
  return { kind, title: redact(title).slice(0, 1_000), details: details.map((detail) => redact(detail).slice(0, 4_000)) }
}
