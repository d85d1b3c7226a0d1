import type { Gate } from '@coxswain/model'

/** What a gate may reach beside its tree. */
export type Access = Pick<Gate, 'network' | 'sockets'>

/** A folder whose writes go elsewhere. */
export interface Overlay {
  readonly at: string
  readonly lower: string
  readonly upper: string
  readonly work: string
}

export interface Place {
  readonly cwd: string
  /** Writable except for its `.git`. */
  readonly worktree: string
  readonly writable: readonly string[]
  readonly readable: readonly string[]
  readonly overlays: readonly Overlay[]
  readonly network: Access['network']
  /** As the harness file names them. */
  readonly sockets?: Access['sockets']
}

/** What the daemon hands over: how commands are contained. */
export interface Containment {
  /** Whether overlays can be had over folders below this one. */
  readonly canOverlay: (folder: string) => Promise<boolean>
  readonly contain: (command: readonly string[], place: Place) => Promise<readonly string[]>
}
