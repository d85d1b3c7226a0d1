import type { GateResult } from '@coxswain/model'
import type { Access } from './containment.ts'

/** Where one gate runs: the judged tree with what set-up made, and nothing else. */
export interface Stage {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Where a file of the tree lies for who looks from outside. */
  locate(path: string): string
  contain(command: readonly string[]): Promise<readonly string[]>
  /** The gate is over. */
  drop(): Promise<void>
}

export interface Ground {
  /** Readies a stage below the gate's folder, verified. */
  ready(dir: string, access: Access): Promise<Stage>
  /** The stage of a gate that an earlier life of ours started. */
  standing(dir: string, access: Access): Stage
  release(): Promise<void>
}

/** Remembers which tree passed which gate. */
export interface GateCache {
  get(gate: string, tree: string): Promise<GateResult | null>
  put(gate: string, tree: string, result: GateResult): Promise<void>
}
