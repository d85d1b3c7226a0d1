import type { AgentFailure, AgentFailureKind } from '@coxswain/agents'
import { redact, seconds, type Duration, type Instant } from '@coxswain/kernel'
import type { CodexError } from './wire.ts'

/** Codex's code decides where it has one; its words only where the code says nothing. */
export function classifyFailure(error: CodexError | null, resetAt: Instant | null): AgentFailure {
  const message = [error?.message, error?.additionalDetails].filter((text) => text != null && text !== '').join(' — ')
  const { name, status } = codeOf(error)
  const kind = kinds[name ?? ''] ?? kindOfStatus(status) ?? kindOfText(message) ?? connectionKinds[name ?? ''] ?? 'protocol'
  return {
    kind,
    message: redact(message).slice(0, 2_000) || 'Codex ended the turn without saying why',
    code: status === null ? name : `${name} ${status}`,
    retryAfter: retryAfter(message),
    resetAt: kind === 'usage-limit' || kind === 'rate-limited' ? resetAt : null,
  }
}

function codeOf(error: CodexError | null): { name: string | null; status: number | null } {
  const info = error?.codexErrorInfo ?? null
  if (info === null || typeof info === 'string') return { name: info, status: null }
  const [name, details] = Object.entries(info)[0] ?? [null, null]
  const isDetailed = typeof details === 'object' && details !== null && 'httpStatusCode' in details
  return { name, status: isDetailed && typeof details.httpStatusCode === 'number' ? details.httpStatusCode : null }
}

const kinds: Readonly<Record<string, AgentFailureKind>> = {
  contextWindowExceeded: 'context-overflow',
  sessionBudgetExceeded: 'usage-limit',
  usageLimitExceeded: 'usage-limit',
  rateLimitExceeded: 'rate-limited',
  flexUnavailable: 'overloaded',
  policyCapacityUnavailable: 'overloaded',
  serverOverloaded: 'overloaded',
  internalServerError: 'overloaded',
  modelNotFound: 'invalid-request',
  badRequest: 'invalid-request',
  inferenceHookDenied: 'refused',
  cyberPolicy: 'refused',
  misalignmentPolicyViolation: 'refused',
  tooManyDenials: 'refused',
  unauthorized: 'auth',
  sandboxError: 'incompatible',
}

/** Codes that only say that the connection failed; the words beside them say how. */
const connectionKinds: Readonly<Record<string, AgentFailureKind>> = {
  httpConnectionFailed: 'unreachable',
  responseStreamConnectionFailed: 'unreachable',
  responseStreamDisconnected: 'stream-cut',
}

function kindOfStatus(status: number | null): AgentFailureKind | undefined {
  if (status === null) return undefined
  if (status === 401 || status === 403) return 'auth'
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'overloaded' : 'invalid-request'
}

const texts: readonly (readonly [RegExp, AgentFailureKind])[] = [
  [/missing environment variable|not logged in|refresh token|unauthori[sz]ed|\b401\b/i, 'auth'],
  [/usage limit|quota|billing|credit/i, 'usage-limit'],
  [/rate limit|too many requests/i, 'rate-limited'],
  [/max_output_tokens/, 'output-limit'],
  [/context (?:window|length)/i, 'context-overflow'],
  [/idle timeout/i, 'stalled'],
  [/error sending request|waiting for network|connection refused|dns error/i, 'unreachable'],
  [/stream (?:disconnected|closed)|connection (?:reset|closed)/i, 'stream-cut'],
  [/overloaded|server error|at capacity/i, 'overloaded'],
  [/invalid_request_error|invalid value|does not exist|not supported|unexpected status 4/i, 'invalid-request'],
]

function kindOfText(message: string): AgentFailureKind | undefined {
  return texts.find(([pattern]) => pattern.test(message))?.[1]
}

function retryAfter(message: string): Duration | null {
  const match = /try again in (\d+(?:\.\d+)?)\s*(ms|s)\b/i.exec(message)
  return match === null ? null : seconds(Number(match[1]) / (match[2] === 'ms' ? 1_000 : 1))
}
