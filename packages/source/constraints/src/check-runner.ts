import type { Check } from './constraint.ts'

export interface CheckRequest {
  readonly check: Check
  /** The folder that `files` are relative to. */
  readonly root: string
  readonly files: readonly string[]
  /** Where commands find their own scripts: `{root}` in a command. Default `root`. */
  readonly repository?: string
  readonly signal?: AbortSignal
}

export interface CheckFinding {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1; absent where a check tells lines alone. */
  readonly column?: number
  readonly text: string
}

/** Runs one check over files. A check that cannot run throws CoxError CHECK_BROKEN: it is never silent. */
export type CheckRunner = (request: CheckRequest) => Promise<readonly CheckFinding[]>
