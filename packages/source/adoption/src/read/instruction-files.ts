export type InstructionFormat =
  | 'agents'
  | 'claude'
  | 'claude-rule'
  | 'gemini'
  /** Named by the settings of opencode: for all of the tree, wherever it stands. */
  | 'opencode'
  | 'copilot'
  | 'copilot-rule'
  | 'cursor'
  | 'ruler'
  | 'rulesync'

export interface InstructionFile {
  /** Relative to the root. */
  readonly path: string
  readonly format: InstructionFormat
}

const formats: readonly (readonly [RegExp, InstructionFormat])[] = [
  [/^\.ruler\/.+\.md$/, 'ruler'],
  [/^\.rulesync\/rules\/.+\.md$/, 'rulesync'],
  [/(?:^|\/)AGENTS(?:\.override)?\.md$/, 'agents'],
  [/(?:^|\/)(?:\.claude\/)?CLAUDE(?:\.local)?\.md$/, 'claude'],
  [/(?:^|\/)\.claude\/rules\/.+\.md$/, 'claude-rule'],
  [/(?:^|\/)GEMINI\.md$/, 'gemini'],
  [/^\.github\/copilot-instructions\.md$/, 'copilot'],
  [/^\.github\/instructions\/.+\.instructions\.md$/, 'copilot-rule'],
  [/(?:^|\/)\.cursor\/rules\/.+\.mdc?$|(?:^|\/)\.cursorrules$/, 'cursor'],
]

/** The files of a tree that tell agents what to do by their names. */
export function instructionFiles(files: readonly string[]): InstructionFile[] {
  return files.flatMap((path) => {
    const format = formats.find(([pattern]) => pattern.test(path))?.[1]
    return format === undefined ? [] : [{ path, format }]
  })
}
