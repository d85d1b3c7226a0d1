import type { AgentFailure, AgentFailureKind } from '@coxswain/agents'
import { instant, redact, type Instant } from '@coxswain/kernel'
import type { ClaudeResult } from './wire.ts'

export interface FailureFacts {
  readonly result: ClaudeResult
  /** The word that Claude puts beside its last error message. */
  readonly errorCode: string | null
  /** A window of the plan is used up until then. */
  readonly usedUpUntil: Instant | null
}

/** Claude's result says `success` for most failures; its reasons and codes decide, its words only where those say nothing. */
export function classifyFailure({ result, errorCode, usedUpUntil }: FailureFacts): AgentFailure {
  const status = result.api_error_status ?? null
  const message = redact(result.result ?? result.errors?.join('; ') ?? '').slice(0, 2_000)
  const kind = kindOf({ result, errorCode, message, isUsedUp: usedUpUntil !== null })
  return {
    kind,
    message: message || `Claude ended the turn: ${result.terminal_reason ?? result.subtype}`,
    code: [errorCode ?? result.terminal_reason, status].filter((part) => part != null).join(' ') || null,
    retryAfter: null,
    resetAt: kind === 'usage-limit' ? (usedUpUntil ?? resetIn(message)) : null,
  }
}

interface KindFacts {
  readonly result: ClaudeResult
  readonly errorCode: string | null
  readonly message: string
  readonly isUsedUp: boolean
}

function kindOf({ result, errorCode, message, isUsedUp }: KindFacts): AgentFailureKind {
  const stopped = stopReasons[result.stop_reason ?? '']
  if (stopped !== undefined) return stopped
  if (isCutOff(result)) return 'turn-limit'
  if (result.terminal_reason === 'prompt_too_long') return 'context-overflow'
  const byText = texts.find(([pattern]) => pattern.test(message))?.[1]
  const status = result.api_error_status ?? null
  // Without a status nothing answered, though the code blames the server: the words tell what broke.
  const coded = errorCode === 'server_error' && status === null ? null : (codes[errorCode ?? ''] ?? kindOfStatus(status))
  // A window that is used up and requests that come too fast are both 429.
  if (coded === 'rate-limited') return isUsedUp || byText === 'usage-limit' ? 'usage-limit' : 'rate-limited'
  // A bad request is also how an overflow or an empty account are told.
  if (coded === 'invalid-request') return byText === 'context-overflow' || byText === 'usage-limit' ? byText : coded
  return coded ?? byText ?? codes[errorCode ?? ''] ?? 'protocol'
}

/** Reasons for which the model stopped that are not the end of its work. */
const stopReasons: Readonly<Record<string, AgentFailureKind>> = {
  refusal: 'refused',
  max_tokens: 'output-limit',
  model_context_window_exceeded: 'context-overflow',
  pause_turn: 'turn-limit',
}

/** True where the result says that the turn came to its own end. */
export function isComplete(result: ClaudeResult): boolean {
  return (
    !result.is_error && result.subtype === 'success' && stopReasons[result.stop_reason ?? ''] === undefined && !isCutOff(result)
  )
}

/** At the number of turns or at the budget that the program itself was given. */
function isCutOff({ subtype, terminal_reason: reason }: ClaudeResult): boolean {
  return (
    subtype === 'error_max_turns' || subtype === 'error_max_budget_usd' || reason === 'max_turns' || reason === 'max_budget_usd'
  )
}

const codes: Readonly<Record<string, AgentFailureKind>> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  account_on_hold: 'auth',
  verification_required: 'auth',
  cloud_credential_error: 'auth',
  billing_error: 'usage-limit',
  rate_limit: 'rate-limited',
  overloaded: 'overloaded',
  server_error: 'overloaded',
  invalid_request: 'invalid-request',
  model_not_found: 'invalid-request',
  max_output_tokens: 'output-limit',
}

function kindOfStatus(status: number | null): AgentFailureKind | null {
  if (status === null) return null
  if (status === 401 || status === 403) return 'auth'
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'overloaded' : 'invalid-request'
}

const texts: readonly (readonly [RegExp, AgentFailureKind])[] = [
  [/not logged in|please run \/login|invalid api key|authentication|oauth token/i, 'auth'],
  [/usage limit|limit reached|hit your (?:\w+ )*limit|credit balance|quota|billing/i, 'usage-limit'],
  [/prompt is too long|context (?:window|length)/i, 'context-overflow'],
  [/output token maximum|max_output_tokens/i, 'output-limit'],
  [/rate limit|too many requests/i, 'rate-limited'],
  [/overloaded|internal server error/i, 'overloaded'],
  [/unable to connect|connection refused|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ConnectionRefused|getaddrinfo/i, 'unreachable'],
  [
    /malformed response|connection (?:\w+ )*(?:error|reset|closed|lost|dropped)|socket|stream (?:ended|closed|idle)|ECONNRESET|terminated|fetch failed/i,
    'stream-cut',
  ],
  [/timed? ?out/i, 'stalled'],
]

/** Older services put the time of the reset, in seconds, behind a bar. */
function resetIn(message: string): Instant | null {
  const at = /\|(\d{10})\b/.exec(message)?.[1]
  return at === undefined ? null : instant(Number(at) * 1_000)
}
