import type { z } from 'zod'
import type { Zod } from '@coxswain/facts'
import type { PackageNode, Workspace } from '@coxswain/graph'
import type { Architecture } from './architecture/architecture.ts'
import type { Rewrite } from './rewrite.ts'
import type { UnusedClaim } from './unused-claim.ts'

/** What a rule found, before severity, exemptions and fingerprints. */
export interface RawFinding {
  readonly file: string
  readonly line: number
  readonly column: number
  /** One sentence with names and numbers. */
  readonly what: string
  /** The ways out, best first, each an imperative with this repository's names. */
  readonly fix: readonly string[]
  /** What stays the same when the code moves: a name, a specifier, a print of the line. */
  readonly anchor: string
  readonly rewrite?: Rewrite
  /** For what is told only when nothing names it. */
  readonly claim?: UnusedClaim
  /** The other files that take part. */
  readonly related?: readonly string[]
}

export interface RuleContext<Options> {
  readonly workspace: Workspace
  readonly architecture: Architecture
  readonly options: Options
  /** Files whose text holds a shareable function with this hash. */
  readonly filesWithBody: (hash: string) => readonly string[]
  /** As `yyyy-mm-dd`. */
  readonly today: string
  /** Protected files that changed, with their content at the commit changes are compared with; null when nothing is compared. */
  readonly before: ReadonlyMap<string, string> | null
  /** Ids of all rules. */
  readonly ruleIds: readonly string[]
  /** Every rule of the program, with what it is where nobody has configured it. */
  readonly builtIn: readonly AnyRule[]
}

interface RuleBase<Options> {
  readonly id: string
  /** One line: what goes wrong in a code base without this rule. */
  readonly why: string
  /** Where nobody has configured anything. `off`: a house has to choose it. */
  readonly severity: 'error' | 'warning' | 'off'
  /** Made only when options are read: see `loadZod`. */
  readonly options: (z: Zod) => z.ZodType<Options>
  /** Globs of files it leaves alone unless told otherwise. */
  readonly exclude?: readonly string[]
}

export interface FileRule<Options> extends RuleBase<Options> {
  readonly scope: 'file'
  check(path: string, context: RuleContext<Options>): readonly RawFinding[]
}
export interface PackageRule<Options> extends RuleBase<Options> {
  readonly scope: 'package'
  check(node: PackageNode, context: RuleContext<Options>): readonly RawFinding[]
}
/** Files whose imports or exports an edit changed, and the files they import since or no longer. */
export interface ImportEdit {
  readonly files: ReadonlySet<string>
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export interface GraphRule<Options> extends RuleBase<Options> {
  readonly scope: 'graph'
  /** The findings after an edit from those before; null when everything has to be looked at again. */
  update?(edit: ImportEdit, known: readonly RawFinding[], context: RuleContext<Options>): readonly RawFinding[] | null
  check(context: RuleContext<Options>): readonly RawFinding[]
}
export type Rule<Options> = FileRule<Options> | PackageRule<Options> | GraphRule<Options>

/** A rule whose options the engine parses with the rule's own schema before every use. */
export type AnyRule = Rule<unknown>

/** Keeps a rule's options typed inside, and lets the registry hold rules of every kind. */
export function defineRule<Options>(rule: Rule<Options>): AnyRule {
  return rule
}
