import type { Rewrite } from '@coxswain/rules'

export type Severity = 'error' | 'warning'

/** One violation, with everything a reader needs to mend it. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  /** Relative to the root; a folder where something is missing from it. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly what: string
  readonly why: string
  readonly fix: readonly string[]
  readonly see: string
  /** Stays the same while the violation does. */
  readonly fingerprint: string
  /** Of the content alone: recognises a violation that moved to another file. */
  readonly moveKey: string
  readonly rewrite?: Rewrite
  /** The other files that take part. */
  readonly related?: readonly string[]
}
