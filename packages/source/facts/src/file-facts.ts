/** Everything a rule may know about one file. Plain data: cached by content, shipped between processes, compared in tests. */
export interface FileFacts {
  readonly kind: 'source' | 'script' | 'document' | 'manifest' | 'other'
  readonly bytes: number
  readonly lines: number
  readonly imports: readonly ImportFact[]
  readonly exports: readonly ExportFact[]
  /** Where it loads files or packages by names that only a run knows. */
  readonly loaders?: readonly LoaderFact[]
  readonly functions: readonly FunctionFact[]
  readonly sites: readonly Site[]
  readonly exemptions: readonly Exemption[]
  readonly document?: DocumentFacts
  readonly manifest?: ManifestFacts
  /** Patterns of a pnpm-workspace.yaml. */
  readonly workspaces?: readonly string[]
  /** Of a tsconfig that gives names to folders. */
  readonly aliases?: AliasFacts
  /** Why the file could not be read as what its name says. */
  readonly problem?: { readonly line: number; readonly message: string }
}

export interface ImportFact {
  readonly from: string
  readonly line: number
  readonly column: number
  /** UTF-16 offsets of the specifier with its quotes. */
  readonly start: number
  readonly end: number
  /** `mention`: a configuration names the file, or a pattern of files, for a tool. */
  readonly form: 'import' | 'reexport' | 'reexport-all' | 'dynamic' | 'require' | 'mention'
  /** Names as the other module exports them; `*` for a namespace. */
  readonly names: readonly string[]
  /** True when nothing of it exists at run time. */
  readonly isType: boolean
}

export interface LoaderFact {
  readonly line: number
  readonly what: 'imports' | 'requires' | 'registers'
}

export interface ExportFact {
  readonly name: string
  readonly line: number
  readonly isType: boolean
  /** The module the name is passed on from. */
  readonly from?: string
}

export interface FunctionFact {
  readonly name: string
  readonly line: number
  readonly lines: number
  /** Of parameters and body without white space; only for named functions long enough to be worth sharing. */
  readonly hash?: string
}

export type SiteKind =
  | 'any'
  | 'await-in-loop'
  | 'boundary-call'
  | 'cast'
  | 'console'
  | 'duration'
  | 'env'
  | 'fetch'
  | 'fan-out'
  | 'id-string'
  | 'personal-data'
  | 'secret'
  | 'swallowed'
  | 'type-guard'
  | 'unknown'

/** A place in a file that some rule may care about. */
export interface Site {
  readonly kind: SiteKind
  readonly line: number
  readonly column: number
  /** What is there: the cast's type, the call, the pattern's name. Never a secret's value. */
  readonly detail: string
  /** True when the surroundings already do what the rule asks for: a schema parse, a deadline, a bounded list. */
  readonly isGuarded: boolean
  /** Of the line's text; keeps a finding recognisable when its line moves. */
  readonly print: string
}

/** `cox-allow <rule> owner=<who> until=<yyyy-mm-dd> reason=<text>` in a comment; covers its own line and the next. */
export interface Exemption {
  readonly rule: string
  readonly line: number
  readonly owner: string | null
  readonly until: string | null
  /** What stands there instead of a day of the calendar. */
  readonly noDay?: string
  readonly reason: string | null
}

export interface DocumentFacts {
  readonly links: readonly { readonly target: string; readonly line: number; readonly column: number }[]
  readonly commands: readonly { readonly text: string; readonly line: number }[]
  readonly headings: readonly string[]
  /** A commit the document says it describes. */
  readonly revision?: { readonly id: string; readonly line: number }
}

export interface ManifestFacts {
  readonly name: string | null
  readonly isPrivate: boolean
  readonly exports: unknown
  /** Names that begin with `#`. */
  readonly imports: unknown
  /** Files that other fields name for importers, programs and tools. */
  readonly entries: readonly string[]
  /** Folders of files that a tool loads. */
  readonly folders: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly workspaces: readonly string[]
  /** Other top-level keys, by name. */
  readonly keys: readonly string[]
}

export interface AliasFacts {
  /** Where names without a dot start, relative to the file. */
  readonly base: string | null
  readonly paths: Readonly<Record<string, readonly string[]>>
}

/** Facts of a file that has none: a binary, or one too large to be source. */
export function emptyFacts(bytes: number): FileFacts {
  return { kind: 'other', bytes, lines: 0, imports: [], exports: [], functions: [], sites: [], exemptions: [] }
}
