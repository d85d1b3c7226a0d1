import type { AgentFailure, AgentFailureKind } from '@coxswain/agents'
import { milliseconds, redact, type Duration } from '@coxswain/kernel'
import { isObject } from '@coxswain/json-lines'

/** Everything that is known about a failure; each field is evidence, from the most to the least exact. */
export interface FailureEvidence {
  readonly message: string
  /** JSON-RPC's own, or an HTTP status where a program puts that in its place. */
  readonly code?: number | null
  readonly data?: unknown
  /** Of the session-failure extension. */
  readonly category?: string | null
}

/** By code, then by what the data says, then by text: no standard exists, each program has a habit of its own. */
export function classifyFailure(evidence: FailureEvidence): AgentFailure {
  const status = findStatus(evidence)
  const data = isObject(evidence.data) ? evidence.data : {}
  const errorKind = asText(data['errorKind'])
  const errorName = asText(data['errorName'])
  const text = `${evidence.message}\n${asText(evidence.data) ?? JSON.stringify(evidence.data ?? '')}`
  const isDenied = status === 401 || status === 403
  const kind =
    byErrorKind(errorKind, text) ??
    (isDenied ? 'auth' : byText(text)) ??
    byStatus(status) ??
    errorNames[errorName ?? ''] ??
    byCategory(evidence.category) ??
    byRpcCode(evidence.code)
  return {
    kind,
    message: redact(evidence.message).slice(0, 2_000),
    code:
      errorKind ??
      (status === null ? (evidence.category ?? (evidence.code == null ? null : String(evidence.code))) : String(status)),
    retryAfter: findRetryAfter(text),
    resetAt: null,
  }
}

export function plainFailure(kind: AgentFailureKind, message: string): AgentFailure {
  return { kind, message: redact(message).slice(0, 2_000), code: null, retryAfter: null, resetAt: null }
}

/** claude-agent-acp's words. */
const errorKinds: Readonly<Record<string, AgentFailureKind>> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  verification_required: 'auth',
  cloud_credential_error: 'auth',
  billing_error: 'usage-limit',
  account_on_hold: 'usage-limit',
  rate_limit: 'rate-limited',
  overloaded: 'overloaded',
  server_error: 'overloaded',
  invalid_request: 'invalid-request',
  model_not_found: 'invalid-request',
  max_output_tokens: 'output-limit',
  transport_lost: 'crashed',
  worker_shutdown: 'crashed',
}

/** opencode's words. An `APIError` without more is what the vendor refuses: what passes by itself it tries again, and says why it failed. */
const errorNames: Readonly<Record<string, AgentFailureKind>> = {
  APIError: 'invalid-request',
  ProviderAuthError: 'auth',
  ProviderModelNotFoundError: 'invalid-request',
  ContextOverflowError: 'context-overflow',
  MessageOutputLengthError: 'output-limit',
}

function byErrorKind(errorKind: string | null, text: string): AgentFailureKind | null {
  const kind = errorKind === null ? undefined : errorKinds[errorKind]
  if (kind === 'rate-limited' || kind === 'invalid-request') return byText(text) ?? kind
  return kind ?? null
}

const patterns: readonly (readonly [RegExp, AgentFailureKind])[] = [
  [
    /context.?(?:window|length)|prompt is too long|maximum context|too many (?:input )?tokens|context_exhausted|maximum number of tokens/i,
    'context-overflow',
  ],
  [
    /usage.?limit|insufficient.?quota|quota (?:exceeded|exhausted)|exceeded your current quota|credit balance|billing/i,
    'usage-limit',
  ],
  [/rate.?limit|too many requests|resource.?exhausted/i, 'rate-limited'],
  [
    /api.?key|unauthori[sz]ed|authenticat|not logged in|log ?in (?:required|again)|permission.?denied.*credential|invalid.*credential/i,
    'auth',
  ],
  [/overloaded|internal server error|service unavailable|bad gateway|server.?error|\b(?:500|502|503|529)\b/i, 'overloaded'],
  [
    /stream (?:disconnected|closed|ended)|premature|terminated|socket hang up|ECONNRESET|connection (?:was )?(?:reset|closed)/i,
    'stream-cut',
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|fetch failed|unable to connect|cannot connect|network/i,
    'unreachable',
  ],
  [/max(?:imum)?.?(?:output)?.?tokens|output limit/i, 'output-limit'],
  [/refus|content.?(?:filter|policy)|safety/i, 'refused'],
  [/model.*(?:not found|does not exist|unknown)|(?:not found|unknown).*model|invalid.?request|bad request/i, 'invalid-request'],
]

function byText(text: string): AgentFailureKind | null {
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

function byStatus(status: number | null): AgentFailureKind | null {
  if (status === null) return null
  if (status === 402) return 'usage-limit'
  if (status === 429) return 'rate-limited'
  if (status === 408) return 'unreachable'
  return status >= 500 ? 'overloaded' : 'invalid-request'
}

/** Categories of the session-failure extension; each covers several kinds, so text goes first. */
function byCategory(category: string | null | undefined): AgentFailureKind | null {
  if (category === 'limit') return 'rate-limited'
  if (category === 'access') return 'auth'
  if (category === 'connection') return 'unreachable'
  if (category === 'request') return 'invalid-request'
  return category === 'service' ? 'overloaded' : null
}

const authRequired = -32_000

function byRpcCode(code: number | null | undefined): AgentFailureKind {
  return code === authRequired ? 'auth' : 'protocol'
}

/** An HTTP status: in place of the code, in the data, or in JSON inside the message. */
function findStatus({ code, data, message }: FailureEvidence): number | null {
  const inMessage = /"(?:code|status|statusCode)"\s*:\s*"?(\d{3})\b/.exec(message)?.[1]
  const inData = isObject(data) ? [data['status'], data['statusCode'], data['httpStatusCode']] : []
  return [code, ...inData, Number(inMessage)].find((value) => isStatus(value)) ?? null
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 400 && value < 600
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function findRetryAfter(text: string): Duration | null {
  const found = /(?:retry|try again|retry-?after|retryDelay)\W{0,4}(?:in|after)?\W{0,4}(\d+(?:\.\d+)?)\s*(ms|s|m|h)/i.exec(text)
  const [, amount, unit] = found ?? []
  return amount === undefined ? null : milliseconds(Number(amount) * (unitMs[(unit ?? 's').toLowerCase()] ?? 1_000))
}
