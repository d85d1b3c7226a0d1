/** A mechanical change as data: the same for `--fix`, for a preview and for the rewriter agent. */
export interface Rewrite {
  readonly edits: readonly TextEdit[]
  readonly moves?: readonly { readonly from: string; readonly to: string }[]
  /** Files to write where none is. */
  readonly creations?: readonly { readonly file: string; readonly text: string }[]
}

export interface TextEdit {
  readonly file: string
  /** UTF-16 offsets into the text the finding was made from. */
  readonly start: number
  readonly end: number
  /** What must still be there, or the edit is left out. */
  readonly was: string
  readonly text: string
}
