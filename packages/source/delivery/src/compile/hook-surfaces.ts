import type { Constraint, hookMoments } from '@coxswain/constraints'
import type { Target } from './compile-config.ts'
import { globExpression } from './glob-expression.ts'
import { hookScript, hookScriptFile } from './hook-script.ts'
import { hookMark, type HookMap } from './settings-text.ts'
import type { CompileInput, Degradation, Output, Surface } from './surface.ts'

type Moment = (typeof hookMoments)[number]

/** An agent program with hooks in a file of the repository. All speak the same JSON, and show the model what ends with 2. */
interface HookProgram {
  readonly target: Target
  readonly path: string
  /** The shell word for the repository's root. */
  readonly root: string
  readonly moments: Readonly<Record<Moment, { readonly event: string; readonly matcher?: string }>>
  /** Milliseconds after which the program stops a hook; absent where its own limit is long enough for a suite of tests. */
  readonly timeout?: number
  /** What has to happen before they run. Learned by running the program, as everything here. */
  readonly note: string
}

const claude: HookProgram = {
  target: 'claude',
  path: '.claude/settings.json',
  root: '"$CLAUDE_PROJECT_DIR"',
  moments: {
    'before-edit': { event: 'PreToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
    'after-edit': { event: 'PostToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
    'before-commit': { event: 'PreToolUse', matcher: 'Bash' },
    'before-stop': { event: 'Stop' },
  },
  note: 'Claude Code runs its hooks only when it is started in the root',
}

const codex: HookProgram = {
  target: 'agents',
  path: '.codex/hooks.json',
  root: '"$(git rev-parse --show-toplevel)"',
  moments: {
    'before-edit': { event: 'PreToolUse', matcher: 'apply_patch' },
    'after-edit': { event: 'PostToolUse', matcher: 'apply_patch' },
    'before-commit': { event: 'PreToolUse', matcher: 'Bash' },
    'before-stop': { event: 'Stop' },
  },
  note: 'Codex runs its hooks once its user trusts the project and has reviewed them, and until then says nothing',
}

const gemini: HookProgram = {
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
}

const programs = [claude, codex, gemini]

/** Commands at moments of a run: a list for every reader, and the settings of agent programs that have hooks. */
export function hooksSurface(input: CompileInput): Surface {
  const hooks = hooksOf(input.constraints)
  if (hooks.length === 0) return { outputs: [], left: [], declared: [] }
  const ids = idsOf(hooks)
  const text = `${JSON.stringify(hooks, null, 2)}\n`
  const list: Output = { target: 'hooks', path: 'harness/generated/hooks.json', kind: 'file', text, sources: ids }
  const script: Output = { target: 'hooks', path: hookScriptFile, kind: 'file', text: hookScript, sources: ids }
  const wanted = programs.filter((program) => input.config.targets.includes(program.target))
  if (wanted.length === 0) {
    const reason = 'no target has hooks of its own: add `agents`, `claude` or `gemini`'
    return { outputs: [list], left: [], declared: [{ target: 'hooks', ids, reason }] }
  }
  return { outputs: [list, script, ...wanted.map((one) => settingsOf(one, hooks))], left: [], declared: limitsOf(wanted, hooks) }
}

function settingsOf(program: HookProgram, hooks: readonly Hook[]): Output {
  const text = JSON.stringify(hookMapOf(program, hooks))
  return { target: program.target, path: program.path, kind: 'settings', text, sources: idsOf(hooks) }
}

function limitsOf(wanted: readonly HookProgram[], hooks: readonly Hook[]): Degradation[] {
  const target: Target = 'hooks'
  const narrow = hooks.filter((hook) => !isWide(hook))
  const atStop = narrow.filter((hook) => hook.on === 'before-stop')
  const beyond = narrow.filter((hook) => hook.on !== 'before-stop' && expressionsOf(hook) === null)
  return [
    ...wanted.map((program) => ({ target: program.target, path: program.path, ids: idsOf(hooks), reason: program.note })),
    { target, ids: idsOf(atStop), reason: 'a stop names no file: they run at every one, whatever their scope' },
    { target, ids: idsOf(beyond), reason: 'their globs are beyond what a shell can match: they run whatever file is touched' },
  ].filter((one) => one.ids.length > 0)
}

interface Hook {
  readonly id: string
  readonly on: Moment
  readonly command: readonly string[]
  readonly scope: readonly string[]
  readonly except: readonly string[]
}

function hooksOf(constraints: readonly Constraint[]): Hook[] {
  return constraints.flatMap(({ id, rungs, scope, except }) =>
    rungs.flatMap((rung) => ('hook' in rung ? [{ id, on: rung.hook.on, command: rung.hook.command, scope, except }] : [])),
  )
}

function hookMapOf(program: HookProgram, hooks: readonly Hook[]): HookMap {
  const { timeout } = program
  const entries = hooks.map((hook) => {
    const { event, matcher } = program.moments[hook.on]
    const command = { type: 'command', command: shellLine(program, hook), ...(timeout === undefined ? {} : { timeout }) }
    return { event, entry: { ...(matcher === undefined ? {} : { matcher }), hooks: [command] } }
  })
  const byEvent = Map.groupBy(entries, (one) => one.event)
  return Object.fromEntries([...byEvent].map(([event, group]) => [event, group.map((one) => one.entry)]))
}

/** Programs hand hooks to a shell: each word is quoted. */
function shellLine({ root }: HookProgram, hook: Hook): string {
  const { scope, except } = (hook.on === 'before-stop' ? null : expressionsOf(hook)) ?? { scope: '', except: '' }
  const words = [hook.on, scope, except, ...hook.command].map(quoted)
  return `sh ${root}/${hookScriptFile} ${words.join(' ')} ${hookMark}${hook.id}`
}

/** Null where a glob says more than an expression can: then the hook rather runs too often. */
function expressionsOf({ scope, except }: Hook): { readonly scope: string; readonly except: string } | null {
  const isIn = globExpression(scope)
  const isOut = except.length === 0 ? '' : globExpression(except)
  if (isIn === null || isOut === null) return null
  return { scope: isWide({ scope, except }) ? '' : isIn, except: isOut }
}

function isWide({ scope, except }: Pick<Hook, 'scope' | 'except'>): boolean {
  return except.length === 0 && scope.some((glob) => glob === '**' || glob === '**/*')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function idsOf(hooks: readonly Hook[]): string[] {
  return [...new Set(hooks.map((hook) => hook.id))]
}
