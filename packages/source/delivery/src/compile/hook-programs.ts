import type { hookMoments } from '@coxswain/constraints'
import type { AgentName } from '../context/loading-rules.ts'
import type { Target } from './compile-config.ts'

/** Every hook, for whoever reads it. */
export const hookListFile = 'harness/generated/hooks.json'

export type Moment = (typeof hookMoments)[number]

/** An agent program with hooks in a file of the repository. All speak the same JSON, and show the model what ends with 2. */
export interface HookProgram {
  readonly agent: AgentName
  readonly target: Target
  readonly path: string
  /** The shell word for the repository's root. */
  readonly root: string
  readonly moments: Readonly<Record<Moment, { readonly event: string; readonly matcher?: string }>>
  /** Milliseconds after which the program stops a hook; absent where its own limit is long enough for a suite of tests. */
  readonly timeout?: number
  /** What has to happen before they run. Learned by running the program, as everything here. */
  readonly note: string
  /** Started below the root it runs none. */
  readonly isRootOnly: boolean
  /** What is different in runs of ours; null where nothing is. */
  readonly inRuns: string | null
}

/** Claude Code's names of the moments, which Codex has taken over; `edit` matches the tools that edit. */
function toolUse(edit: string): HookProgram['moments'] {
  return {
    'before-edit': { event: 'PreToolUse', matcher: edit },
    'after-edit': { event: 'PostToolUse', matcher: edit },
    'before-commit': { event: 'PreToolUse', matcher: 'Bash' },
    'before-stop': { event: 'Stop' },
  }
}

const claude: HookProgram = {
  agent: 'claude',
  target: 'claude',
  path: '.claude/settings.json',
  root: '"$CLAUDE_PROJECT_DIR"',
  moments: toolUse('Edit|MultiEdit|Write|NotebookEdit'),
  note: 'Claude Code runs its hooks only when it is started in the root',
  isRootOnly: true,
  inRuns: null,
}

const codex: HookProgram = {
  agent: 'codex',
  target: 'agents',
  path: '.codex/hooks.json',
  root: '"$(git rev-parse --show-toplevel)"',
  moments: toolUse('apply_patch'),
  note: 'Codex runs its hooks once its user trusts the project and has reviewed them, and until then says nothing',
  isRootOnly: false,
  inRuns: null,
}

const gemini: HookProgram = {
  agent: 'gemini',
  target: 'gemini',
  path: '.gemini/settings.json',
  // Gemini CLI puts the quoted path in its place before a shell reads the line.
  root: '$GEMINI_PROJECT_DIR',
  moments: {
    'before-edit': { event: 'BeforeTool', matcher: 'write_file|replace' },
    'after-edit': { event: 'AfterTool', matcher: 'write_file|replace' },
    'before-commit': { event: 'BeforeTool', matcher: 'run_shell_command' },
    'before-stop': { event: 'AfterAgent' },
  },
  timeout: 600_000,
  note: 'Gemini CLI runs its hooks only when it is started in the root and its user trusts the folder; --skip-trust is not enough',
  isRootOnly: true,
  inRuns: 'Runs of Coxswain start Gemini CLI with --skip-trust: none of these hooks runs in them',
}

export const hookPrograms: readonly HookProgram[] = [claude, codex, gemini]
