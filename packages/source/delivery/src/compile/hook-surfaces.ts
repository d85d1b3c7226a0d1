import type { Constraint } from '@coxswain/constraints'
import { hookMark, type HookMap } from './settings-text.ts'
import type { CompileInput, Degradation, Output, Surface } from './surface.ts'

export const claudeSettings = '.claude/settings.json'

/** Commands at moments of a run: a list for every reader, and the settings of agent programs that have hooks. */
export function hooksSurface(input: CompileInput): Surface {
  const hooks = hooksOf(input.constraints)
  if (hooks.length === 0) return { outputs: [], left: [], declared: [] }
  const ids = [...new Set(hooks.map((hook) => hook.id))]
  const rows = hooks.map(({ id, on, command, scope }) => ({ id, on, command, scope }))
  const text = `${JSON.stringify(rows, null, 2)}\n`
  const list: Output = { target: 'hooks', path: 'harness/generated/hooks.json', kind: 'file', text, sources: ids }
  if (!input.config.targets.includes('claude'))
    return { outputs: [list], left: [], declared: [degraded(ids, 'no target has hooks of its own: add `claude`')] }
  const settings: Output = {
    target: 'hooks',
    path: claudeSettings,
    kind: 'settings',
    text: JSON.stringify(claudeHooks(hooks)),
    sources: ids,
  }
  const narrow = hooks.filter(({ scope, on }) => on.endsWith('-edit') && !scope.includes('**')).map((hook) => hook.id)
  const declared = [
    degraded(ids, 'Claude Code runs them; Codex would only after its user has trusted them, so none are written for it'),
    ...(narrow.length === 0 ? [] : [degraded(narrow, 'Claude Code runs them after every edit, also outside their scope')]),
  ]
  return { outputs: [list, settings], left: [], declared }
}

interface Hook {
  readonly id: string
  readonly on: 'before-edit' | 'after-edit' | 'before-commit' | 'before-stop'
  readonly command: readonly string[]
  readonly scope: readonly string[]
}

function hooksOf(constraints: readonly Constraint[]): Hook[] {
  return constraints.flatMap(({ id, rungs, scope }) =>
    rungs.flatMap((rung) => ('hook' in rung ? [{ id, on: rung.hook.on, command: rung.hook.command, scope }] : [])),
  )
}

const moments = {
  'before-edit': { event: 'PreToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
  'after-edit': { event: 'PostToolUse', matcher: 'Edit|MultiEdit|Write|NotebookEdit' },
  'before-commit': { event: 'PreToolUse', matcher: 'Bash', if: 'Bash(git commit *)' },
  'before-stop': { event: 'Stop' },
} as const

function claudeHooks(hooks: readonly Hook[]): HookMap {
  const entries = hooks.map((hook) => {
    const { event, ...when } = moments[hook.on]
    const only = 'if' in when ? { if: when.if } : {}
    const matcher = 'matcher' in when ? { matcher: when.matcher } : {}
    return { event, entry: { ...matcher, hooks: [{ type: 'command', ...only, command: shellLine(hook) }] } }
  })
  const byEvent = Map.groupBy(entries, (one) => one.event)
  return Object.fromEntries([...byEvent].map(([event, group]) => [event, group.map((one) => one.entry)]))
}

/**
 * Claude Code hands hooks to a shell: each word is quoted. Exit code 2 is what it shows to the model; a stop is held up once, because
 * a check that cannot pass would otherwise hold up for ever.
 */
function shellLine({ id, on, command }: Hook): string {
  const run = `cd "$CLAUDE_PROJECT_DIR" && { ${command.map(quoted).join(' ')}; } >&2 || exit 2`
  const once = on === 'before-stop' ? `! grep -q '"stop_hook_active": *true' || exit 0; ` : ''
  return `${once}${run} ${hookMark}${id}`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function degraded(ids: readonly string[], reason: string): Degradation {
  return { target: 'hooks', ids: [...new Set(ids)], reason }
}
