/** Every entry says why it stands: a wall without a reason cannot be argued with, only worked around. */
export interface Walls {
  /** Rooms that may be dependencies of rooms. `from` and `to` name a layer (`base`) or a room (`base/kernel`). */
  readonly doors: readonly Door[]
  /** The same for devDependencies: what tests may use besides. */
  readonly testDoors: readonly Door[]
  readonly powers: readonly Power[]
  readonly grants: readonly Grant[]
  readonly owned: readonly OwnedPackage[]
  /** Public subpaths besides `.`, as `<room><subpath>`. */
  readonly entries: readonly { readonly entry: string; readonly why: string }[]
  readonly limits: Limits
  readonly exceptions: readonly Exception[]
  readonly words: readonly ForbiddenText[]
}

export interface Door {
  readonly from: string
  readonly to: readonly string[]
  readonly why: string
}

/** Something dangerous, recognised by what is imported or written; tests are free. */
export interface Power {
  readonly name: string
  readonly modules?: readonly string[]
  /** Of those modules only these names are dangerous; a namespace import is all of them. Default: every import. */
  readonly names?: readonly string[]
  /** Facts of these kinds are the power too. */
  readonly sites?: readonly ('env' | 'fetch')[]
  /** In code without comments and strings. */
  readonly code?: RegExp
  readonly why: string
}

export interface Grant {
  readonly room: string
  readonly powers: readonly string[]
  readonly why: string
}

/** A package, or a scope as `@scope/*`, that only these rooms may depend on. */
export interface OwnedPackage {
  readonly package: string
  readonly rooms: readonly string[]
  readonly why: string
}

export interface Limits {
  readonly fileLines: number
  readonly roomLines: number
  readonly workspaceDependencies: number
  readonly chain: number
}

/** One finding that stands for a reason: `wall` and the exact place. */
export interface Exception {
  readonly wall: string
  readonly at: string
  readonly why: string
}

export interface ForbiddenText {
  readonly pattern: RegExp
  readonly why: string
  /** Paths it does not hold for. */
  readonly except?: RegExp
}
