/** What a linter's rule must be set to, so that it says what a meaning says. */
export interface LinterRow {
  readonly linter: LinterName
  /** Every name that a configuration may write for it. */
  readonly rules: readonly string[]
  /** Whether these options keep the whole of it: neither weaker nor the opposite. No options are an empty list. */
  readonly isWhole: (options: readonly unknown[]) => boolean
}

export type LinterName = 'eslint' | 'oxlint' | 'biome'

/** A check of our own that says the same. `look` is an ast-grep rule object. */
export type MeaningCheck =
  | { readonly kind: 'pattern'; readonly look: Readonly<Record<string, unknown>> }
  /** A built-in check that says most of it. `limit` is what it does not see: it is named, and replaces nothing. */
  | { readonly kind: 'rule'; readonly rule: string; readonly limit: string }

/** One thing that a sentence may demand of code, as data: how it is said, what breaks and keeps it, what enforces it. */
export interface Meaning {
  readonly id: string
  /** `typescript`: what it is about does not exist in JavaScript. */
  readonly about: 'typescript' | 'any'
  /** Null where no check of ours can tell. */
  readonly check: MeaningCheck | null
  /** Our own code, never a repository's. */
  readonly bad: string
  readonly good: string
  readonly linters: readonly LinterRow[]
  /** What another sentence names when it takes part of this one back. */
  readonly token: string
}

/** A meaning and how it is said: expressions over a whole clause, so that no word of it is left over. */
export interface Phrased {
  readonly meaning: Meaning
  /** The thing, where the sentence forbids it: `never use <thing>`. */
  readonly forbids: readonly string[]
  /** The whole clause, where it demands something. */
  readonly demands: readonly string[]
}
