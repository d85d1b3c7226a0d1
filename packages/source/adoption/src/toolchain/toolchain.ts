/** What makes a worktree ready and what proves a change, as a repository's own files say it. Commands are argument arrays. */
export interface Toolchain {
  readonly setup: ProposedSetup | null
  /** In the order in which they would run: what is quick to fail first. */
  readonly gates: readonly ProposedGate[]
  /** What a person should know of what was left out, one sentence each. */
  readonly notes: readonly string[]
}

export interface ProposedSetup {
  readonly command: readonly string[]
  /** Files whose change makes it run again. */
  readonly keys: readonly string[]
  /** The file that says so. */
  readonly from: string
}

export interface ProposedGate {
  readonly name: GateName
  readonly command: readonly string[]
  readonly from: string
}

export const gateNames = ['lint', 'typecheck', 'test'] as const
export type GateName = (typeof gateNames)[number]

/** What is there to read. */
export interface Tree {
  readonly has: (path: string) => boolean
  readonly paths: readonly string[]
  /** Null where there is no such text. */
  readonly read: (path: string) => Promise<string | null>
}
