/** One line of `cox doctor`. */
export interface Finding {
  readonly subject: string
  /** `info`: worth knowing, and nothing to do; an agent that could be used and is not the configured one. */
  readonly status: 'ok' | 'info' | 'warning' | 'problem'
  readonly what: string
  readonly fix: string | null
}
