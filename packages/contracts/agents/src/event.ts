import { redact, type Duration, type Instant } from '@coxswain/kernel'
import type { TokenUsage } from './usage.ts'

/** What happens inside a session, in the vendor-neutral form that the store keeps. Text is untrusted and redacted by the adapter. */
export type AgentEvent =
  | { readonly type: 'message-delta'; readonly text: string }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'tool-start'; readonly toolId: string; readonly kind: ToolKind; readonly title: string }
  | {
      readonly type: 'tool-end'
      readonly toolId: string
      readonly status: 'ok' | 'failed' | 'declined'
      readonly exitCode: number | null
      readonly output: string
    }
  | { readonly type: 'files-changed'; readonly paths: readonly string[] }
  | {
      readonly type: 'plan'
      readonly steps: readonly { readonly text: string; readonly status: 'pending' | 'active' | 'done' }[]
    }
  | { readonly type: 'diff'; readonly unified: string }
  /** Usage of this turn so far: totals, never increments. */
  | {
      readonly type: 'usage'
      readonly turn: TokenUsage
      readonly costUsd: number | null
      readonly contextTokens: number | null
      readonly contextWindow: number | null
    }
  | { readonly type: 'rate-limit'; readonly windows: readonly RateLimitWindow[] }
  | { readonly type: 'approval'; readonly title: string; readonly decision: ApprovalDecision }
  | { readonly type: 'retry'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }

const mostOutput = 64 * 1_024

/** What is kept of a tool's output: the end says more than the beginning. Redacted as a whole, because a credential that is cut in two is not seen. */
export function keptOutput(output: string): string {
  return redact(output).slice(-mostOutput)
}

export type ToolKind = 'command' | 'edit' | 'read' | 'search' | 'network' | 'other'

export interface RateLimitWindow {
  readonly name: string
  readonly usedPercent: number
  readonly window: Duration | null
  readonly resetAt: Instant | null
}

/** `decline` lets the turn go on without the action; `cancel` ends the turn. */
export type ApprovalDecision = 'accept' | 'decline' | 'cancel'

export interface ApprovalRequest {
  readonly kind: 'command' | 'edit' | 'permission' | 'question'
  readonly title: string
  /** Arguments of a command, or paths of an edit, as the agent gave them. */
  readonly details: readonly string[]
}
