import { CoxError, errorMessage } from '@coxswain/kernel'
import { z } from 'zod'

const Failure = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('cox'),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('error'), name: z.string(), message: z.string(), stack: z.string().nullable() }),
])

/** How the end of a step or a workflow is recorded: errors as data, so that they come back as what they were. */
const Outcome = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown().optional() }),
  z.object({ ok: z.literal(false), failure: Failure }),
])
export type Outcome = z.infer<typeof Outcome>

export function failureOf(error: unknown): Outcome {
  if (error instanceof CoxError) return { ok: false, failure: { kind: 'cox', ...error.toJSON() } }
  const stack = error instanceof Error ? (error.stack ?? null) : null
  return {
    ok: false,
    failure: { kind: 'error', name: error instanceof Error ? error.name : 'Error', message: errorMessage(error), stack },
  }
}

export function parseOutcome(recorded: unknown): Outcome {
  return Outcome.parse(recorded)
}

/** The value; throws the failure. */
export function valueOf(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value
  throw toError(outcome.failure)
}

function toError(failure: z.infer<typeof Failure>): Error {
  if (failure.kind === 'cox') return new CoxError(failure.code, failure.message, { hint: failure.hint, data: failure.data })
  const error = new Error(failure.message)
  error.name = failure.name
  if (failure.stack !== null) error.stack = failure.stack
  return error
}
