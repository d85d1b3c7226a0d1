import { redact } from './redact.ts'

export interface CoxErrorOptions {
  /** The next step, as an imperative sentence. */
  readonly hint: string
  /** Machine-readable details; printed by `--json`. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** What a user or an agent can meet: stable code, a sentence with the offending thing, the next step. Bugs stay plain `Error`. */
export class CoxError extends Error {
  override readonly name = 'CoxError'
  readonly code: string
  readonly hint: string
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: CoxErrorOptions) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = redact(options.hint)
    this.data = options.data ?? {}
  }

  toJSON(): { code: string; message: string; hint: string; data: Readonly<Record<string, unknown>> } {
    return { code: this.code, message: this.message, hint: this.hint, data: this.data }
  }
}

export function isCoxError(error: unknown, code?: string): error is CoxError {
  return error instanceof CoxError && (code === undefined || error.code === code)
}

/** The sentence of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
