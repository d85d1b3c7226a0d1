import type { Constraint, hookMoments } from '@coxswain/constraints'
import type { Target } from './compile-config.ts'
import { hookMark, type HookMap } from './settings-text.ts'
import type { CompileInput, Degradation, Output, Surface } from './surface.ts'

type Moment = (typeof hookMoments)[number]

/** An agent program with hooks in a file of the repository. Both speak the same JSON, and show the model what ends with 2. */
interface HookProgram {
  readonly target: Target
  readonly path: string
  /** The shell word for the repository's root. */
  readonly root: string
  readonly moments: Readonly<Partial<Record<Moment, { readonly event: string; readonly matcher?: string; readonly if?: string }>>>
  /** What has to happen before they run; null where nothing has. */
  readonly note: string | null
}

const claude: HookProgram = {
  target: 'claude',
  path: '.claude/settings.json',
  root: '"$CLAUDE_PROJECT_DIR"',
  moments: {
    'before-edit': { event: 'PreToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
    'after-edit': { event: 'PostToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
    'before-commit': { event: 'PreToolUse', matcher: 'Bash', if: 'Bash(git commit *)' },
    'before-stop': { event: 'Stop' },
  },
  note: null,
}

const codex: HookProgram = {
  target: 'agents',
  path: '.codex/hooks.json',
  root: '"$(git rev-parse --show-toplevel)"',
  moments: {
    'before-edit': { event: 'PreToolUse', matcher: 'apply_patch' },
    'after-edit': { event: 'PostToolUse', matcher: 'apply_patch' },
    'before-stop': { event: 'Stop' },
  },
  note: 'Codex runs them once its user trusts the project and has reviewed them, and until then says nothing',
}

/** Commands at moments of a run: a list for every reader, and the settings of agent programs that have hooks. */
export function hooksSurface(input: CompileInput): Surface {
  const hooks = hooksOf(input.constraints)
  if (hooks.length === 0) return { outputs: [], left: [], declared: [] }
  const ids = idsOf(hooks)
  const text = `${JSON.stringify(hooks, null, 2)}\n`
  const list: Output = { target: 'hooks', path: 'harness/generated/hooks.json', kind: 'file', text, sources: ids }
  const programs = [claude, codex].filter((program) => input.config.targets.includes(program.target))
  if (programs.length === 0)
    return { outputs: [list], left: [], declared: [degraded(ids, 'no target has hooks of its own: add `agents` or `claude`')] }
  const settings = programs.map((program) => settingsOf(program, hooks)).filter((output) => output.sources.length > 0)
  return { outputs: [list, ...settings], left: [], declared: programs.flatMap((program) => limitsOf(program, hooks)) }
}

function settingsOf(program: HookProgram, hooks: readonly Hook[]): Output {
  const carried = hooks.filter((hook) => program.moments[hook.on] !== undefined)
  const text = JSON.stringify(hookMapOf(program, carried))
  return { target: 'hooks', path: program.path, kind: 'settings', text, sources: idsOf(carried) }
}

function limitsOf(program: HookProgram, hooks: readonly Hook[]): Degradation[] {
  const carried = hooks.filter((hook) => program.moments[hook.on] !== undefined)
  const missing = hooks.filter((hook) => !carried.includes(hook))
  const narrow = carried.filter(({ scope, on }) => on.endsWith('-edit') && !scope.includes('**'))
  return [
    degraded(program.note === null ? [] : idsOf(carried), program.note ?? ''),
    degraded(idsOf(missing), `${program.path} has no moment for them`),
    degraded(idsOf(narrow), `${program.path} runs them after every edit, also outside their scope`),
  ].filter((one) => one.ids.length > 0)
}

interface Hook {
  readonly id: string
  readonly on: Moment
  readonly command: readonly string[]
  readonly scope: readonly string[]
}

function hooksOf(constraints: readonly Constraint[]): Hook[] {
  return constraints.flatMap(({ id, rungs, scope }) =>
    rungs.flatMap((rung) => ('hook' in rung ? [{ id, on: rung.hook.on, command: rung.hook.command, scope }] : [])),
  )
}

function hookMapOf(program: HookProgram, hooks: readonly Hook[]): HookMap {
  const entries = hooks.flatMap((hook) => {
    const moment = program.moments[hook.on]
    if (moment === undefined) return []
    const { event, matcher, if: only } = moment
    const command = { type: 'command', ...(only === undefined ? {} : { if: only }), command: shellLine(program, hook) }
    return [{ event, entry: { ...(matcher === undefined ? {} : { matcher }), hooks: [command] } }]
  })
  const byEvent = Map.groupBy(entries, (one) => one.event)
  return Object.fromEntries([...byEvent].map(([event, group]) => [event, group.map((one) => one.entry)]))
}

/**
 * Programs hand hooks to a shell: each word is quoted. What ends with 2 is shown to the model; a stop is held up once, because
 * a check that cannot pass would otherwise hold up for ever.
 */
function shellLine({ root }: HookProgram, { id, on, command }: Hook): string {
  const run = `cd ${root} && { ${command.map(quoted).join(' ')}; } >&2 || exit 2`
  const once = on === 'before-stop' ? `! grep -q '"stop_hook_active": *true' || exit 0; ` : ''
  return `${once}${run} ${hookMark}${id}`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function idsOf(hooks: readonly Hook[]): string[] {
  return [...new Set(hooks.map((hook) => hook.id))]
}

function degraded(ids: readonly string[], reason: string): Degradation {
  return { target: 'hooks', ids, reason }
}
