import type { Constraint, Skill } from '@coxswain/constraints'
import type { CompileConfig, Target } from './compile-config.ts'
import type { Line } from './place-constraints.ts'
import type { Lean } from './read-by.ts'

/** What one target wants in one file. */
export interface Output {
  readonly target: Target
  readonly path: string
  /** `block`: lives among hand-written text. `file`: ours whole. `settings`: hooks, as JSON, for a settings file that others write too. */
  readonly kind: 'block' | 'file' | 'settings'
  readonly text: string
  /** The constraints whose words it carries. */
  readonly sources: readonly string[]
}

/** What every surface renders from; pure data. */
export interface CompileInput {
  /** Sorted by id. */
  readonly constraints: readonly Constraint[]
  readonly skills: readonly Skill[]
  /** The tree's files, sorted. */
  readonly files: readonly string[]
  /** Its targets are those of the configuration and those of agents that were asked for. */
  readonly config: CompileConfig
  /** The targets of the configuration alone: what an agent gets must not hang on who else was asked for. */
  readonly configured: readonly Target[]
  /** Hand-written instruction files: path to text without our blocks; a file that is only ours is absent. */
  readonly handWritten: ReadonlyMap<string, string>
  /** Instruction files that are links: name to the file that is written. */
  readonly links: ReadonlyMap<string, string>
}

export interface Surface {
  readonly outputs: readonly Output[]
  /** Lines that found no place in the root instructions. */
  readonly left: readonly Line[]
  readonly declared: readonly Degradation[]
  readonly leans?: readonly Lean[]
}

/** What a surface cannot carry, said aloud. */
export interface Degradation {
  readonly target: Target
  /** The file that it is about, where not all of the target's are. */
  readonly path?: string
  readonly ids: readonly string[]
  readonly reason: string
}

export function sourcesOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.map((line) => line.id))]
}
