import type { Target } from '../compile/compile-config.ts'

export const agentNames = ['codex', 'claude', 'gemini', 'opencode', 'cursor', 'copilot'] as const
export type AgentName = (typeof agentNames)[number]

export type TextChange = 'lf' | 'strip-bom' | 'strip-comments' | 'trim'

/** How one agent program finds and frames instructions. Every value was learned by running the program, or its row says otherwise. */
export interface LoadingRules {
  readonly agent: AgentName
  /** The version that the row was learned from. */
  readonly version: string
  /** `proved`: a test runs the program and compares. `documented`: taken from its documentation, never run. */
  readonly status: 'proved' | 'documented'
  /** In each folder, each group contributes its first existing file. `*rules` stands for the rule files of that folder. */
  readonly groups: readonly (readonly string[])[]
  /** Loads in the same way when no file of a group stands on the way down; rule files do not count. */
  readonly fallback: string | null
  /** On reading: each folder decides for itself, or only when the start had no file of a group. */
  readonly fallbackOnRead: 'each-folder' | 'as-start'
  readonly order: 'root-first' | 'nearest-first'
  /** Without a repository: only the working directory, or every folder above it too. */
  readonly outsideGit: 'folder-only' | 'all-above'
  readonly skipsBlank: boolean
  /** Over the texts of the whole chain, separators not counted; what is beyond is cut without a word. */
  readonly capBytes: number | null
  readonly startText: readonly TextChange[]
  readonly readText: readonly TextChange[]
  /** `inline`: replaces the mention. `apart`: a piece of its own after the importing file, and only from below the working directory. */
  readonly imports: 'none' | 'inline' | 'apart'
  /** `{cwd}`, `{path}` and `{text}` are filled in. */
  /** Files whose piece is framed in another way. */
  readonly framedApart: Readonly<Record<string, string>>
  readonly frame: { readonly open: string; readonly piece: string; readonly between: string; readonly close: string }
  readonly readFrame: { readonly piece: string; readonly between: string }
  /** Whether touching a file brings the instructions of the folders between the working directory and it. */
  readonly nestedOnRead: boolean
  /** Rule files of each folder on the way down; those without the key arrive with it, the others when a file matches. */
  readonly rules: {
    readonly folder: string
    readonly extension: string
    readonly key: string
    /** What brings a rule without a matching file; `never`: what has no globs in one line arrives at no time. */
    readonly always: 'without-key' | 'alwaysApply' | 'never'
  } | null
  /** Where skills are found, and the words that tell the model of one; null where nothing is known. */
  readonly skills: {
    readonly folders: readonly string[]
    /** `way-down`: in the root and each folder on the way to the working directory. */
    readonly reach: 'way-down' | 'folder-only'
    /** `{name}` and `{description}` are filled in. */
    readonly line: string
    /** Angle brackets of the description become entities. */
    readonly escapes: boolean
  } | null
  /** What of a compile this agent reads; at which places: `compile/read-by.ts`. */
  readonly targets: readonly Target[]
  readonly notes: readonly string[]
}

const skillElement = '<name>{name}</name>\n    <description>{description}</description>'

const codex: LoadingRules = {
  agent: 'codex',
  version: '0.169.0',
  status: 'proved',
  groups: [['AGENTS.override.md', 'AGENTS.md']],
  fallback: null,
  fallbackOnRead: 'as-start',
  order: 'root-first',
  outsideGit: 'folder-only',
  skipsBlank: true,
  capBytes: 32_768,
  startText: [],
  readText: [],
  imports: 'none',
  framedApart: {},
  frame: {
    open: '# AGENTS.md instructions for {cwd}\n\n<INSTRUCTIONS>\n',
    piece: '{text}',
    between: '\n\n',
    close: '\n</INSTRUCTIONS>',
  },
  readFrame: { piece: '{text}', between: '' },
  nestedOnRead: false,
  rules: null,
  skills: { folders: ['.agents/skills', '.codex/skills'], reach: 'way-down', line: '- {name}: {description}', escapes: false },
  targets: ['agents', 'skills', 'hooks'],
  notes: [
    'Folders below the working directory never load, whatever file is touched.',
    'A file over the cap is cut at the byte, and deeper files vanish without a word.',
  ],
}

const claude: LoadingRules = {
  agent: 'claude',
  version: '2.1.330',
  status: 'proved',
  groups: [['CLAUDE.md'], ['.claude/CLAUDE.md'], ['*rules'], ['CLAUDE.local.md']],
  fallback: 'AGENTS.md',
  fallbackOnRead: 'as-start',
  order: 'root-first',
  outsideGit: 'all-above',
  skipsBlank: true,
  capBytes: null,
  startText: ['lf', 'strip-comments', 'trim'],
  readText: ['lf', 'strip-comments'],
  imports: 'apart',
  framedApart: { 'CLAUDE.local.md': "Contents of {path} (user's private project instructions, not checked in):\n\n{text}" },
  frame: {
    open: '',
    piece: 'Contents of {path} (project instructions, checked into the codebase):\n\n{text}',
    between: '\n\n',
    close: '\n</system-reminder>',
  },
  readFrame: { piece: '<system-reminder>\nContents of {path}:\n\n{text}\n</system-reminder>', between: '\n' },
  nestedOnRead: true,
  rules: { folder: '.claude/rules', extension: '.md', key: 'paths', always: 'without-key' },
  skills: { folders: ['.claude/skills'], reach: 'way-down', line: '- {name}: {description}', escapes: true },
  targets: ['claude', 'skills', 'hooks'],
  notes: [
    'AGENTS.md loads only where no CLAUDE.md, .claude/CLAUDE.md or CLAUDE.local.md stands on the way down.',
    'An `@` import of a file outside the working directory does not load: started in a subfolder, a root CLAUDE.md that imports AGENTS.md delivers nothing of it.',
    'HTML comments on lines of their own are removed, so markers cost nothing here.',
  ],
}

const gemini: LoadingRules = {
  agent: 'gemini',
  version: '0.61.0',
  status: 'proved',
  groups: [['GEMINI.md']],
  fallback: null,
  fallbackOnRead: 'as-start',
  order: 'root-first',
  outsideGit: 'folder-only',
  skipsBlank: true,
  capBytes: null,
  startText: ['trim'],
  readText: ['trim'],
  imports: 'inline',
  framedApart: {},
  frame: {
    open: '<loaded_context>\n<project_context>\n',
    piece: '--- Context from: {path} ---\n{text}\n--- End of Context from: {path} ---',
    between: '\n\n',
    close: '\n</project_context>\n</loaded_context>',
  },
  readFrame: { piece: '--- Context from: {path} ---\n{text}\n--- End of Context from: {path} ---', between: '\n\n' },
  nestedOnRead: true,
  rules: null,
  skills: { folders: ['.gemini/skills', '.agents/skills'], reach: 'folder-only', line: skillElement, escapes: false },
  targets: ['agents', 'gemini', 'skills', 'hooks'],
  notes: [
    'AGENTS.md is not read unless GEMINI.md imports it or `context.fileName` names it.',
    'Skills load only from the working directory itself.',
  ],
}

const opencode: LoadingRules = {
  agent: 'opencode',
  version: '1.18.33',
  status: 'proved',
  groups: [['AGENTS.md']],
  fallback: 'CLAUDE.md',
  fallbackOnRead: 'each-folder',
  order: 'nearest-first',
  outsideGit: 'all-above',
  skipsBlank: false,
  capBytes: null,
  startText: ['strip-bom'],
  readText: ['strip-bom'],
  imports: 'none',
  framedApart: {},
  frame: { open: '', piece: 'Instructions from: {path}\n{text}', between: '\n', close: '' },
  readFrame: { piece: 'Instructions from: {path}\n{text}', between: '\n\n' },
  nestedOnRead: true,
  rules: null,
  skills: {
    folders: ['.opencode/skill', '.opencode/skills', '.agents/skills', '.claude/skills'],
    reach: 'way-down',
    line: skillElement,
    escapes: false,
  },
  targets: ['agents', 'skills'],
  notes: ['The nearest folder comes first.', '`instructions` of opencode.json are not counted.'],
}

const cursor: LoadingRules = {
  ...opencode,
  agent: 'cursor',
  groups: [['AGENTS.md'], ['*rules']],
  version: 'unversioned',
  status: 'documented',
  fallback: null,
  fallbackOnRead: 'as-start',
  order: 'root-first',
  frame: { open: '', piece: '{text}', between: '\n\n', close: '' },
  readFrame: { piece: '{text}', between: '\n\n' },
  rules: { folder: '.cursor/rules', extension: '.mdc', key: 'globs', always: 'alwaysApply' },
  skills: null,
  targets: ['agents', 'cursor'],
  notes: ['Never run: no program to run without its editor. Order and framing are not known.'],
}

const copilot: LoadingRules = {
  ...cursor,
  agent: 'copilot',
  groups: [['AGENTS.md'], ['.github/copilot-instructions.md'], ['*rules']],
  rules: { folder: '.github/instructions', extension: '.instructions.md', key: 'applyTo', always: 'never' },
  targets: ['agents', 'copilot'],
  notes: ['Never run: the service is not reachable offline. Order and framing are not known.'],
}

export const loadingRules: Readonly<Record<AgentName, LoadingRules>> = { codex, claude, gemini, opencode, cursor, copilot }

/** The compile targets that reach these agents. */
export function targetsOfAgents(agents: readonly AgentName[]): Target[] {
  return [...new Set(agents.flatMap((agent) => loadingRules[agent].targets))]
}
