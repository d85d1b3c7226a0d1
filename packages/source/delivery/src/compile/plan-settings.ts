import { errorAt } from '@coxswain/constraints'
import type { FileState } from './file-state.ts'
import type { RecordedInserts } from './manifest.ts'
import type { PathPlan } from './change.ts'
import { editedProblem, keptAside, keptPath } from './kept-aside.ts'
import { insertHooks, removeHooks, type HookMap } from './settings-text.ts'

export interface SettingsHost {
  readonly path: string
  /** The hooks that should stand in it, as JSON; null for none. */
  readonly hooks: string | null
  readonly state: Exclude<FileState, { kind: 'refused' }>
  readonly recorded: RecordedInserts | undefined
}

/** Hooks in a settings file that its program and people write too: what is not ours stays as it is, character by character. */
export function planSettings({ path, hooks, state, recorded }: SettingsHost): PathPlan {
  const before = state.kind === 'text' ? state.text : null
  const mode = state.kind === 'text' ? { mode: state.mode } : {}
  const own = before === null ? null : removeHooks(before, recorded?.segments ?? [])
  const isEdited = before !== null && own?.isExact === false
  const aside = isEdited ? [keptAside(path, before)] : []
  const problems = isEdited ? [editedProblem(path, 1, keptPath(path, before))] : []
  const isCreated = before === null || recorded?.isCreated === true
  if (hooks === null) {
    const after = own === null || (isCreated && own.text.trim() === '{}') ? null : own.text
    return { path, changes: [...aside, { path, before, after, ...mode }], problems, sum: null }
  }
  const inserted = insertHooks(own?.text ?? '{}\n', parseHooks(hooks))
  if (inserted === null) {
    const problem = errorAt(
      { file: path, line: 1 },
      'SETTINGS_UNREADABLE',
      `${path} is not a JSON object with lists of hooks; it was left alone`,
      'Correct it, or drop the target `hooks` in harness/compile.yaml.',
    )
    return { path, changes: [], problems: [problem], sum: null, ...(recorded === undefined ? {} : { inserts: recorded }) }
  }
  const { text: after, segments } = inserted
  return { path, changes: [...aside, { path, before, after, ...mode }], problems, sum: null, inserts: { isCreated, segments } }
}

/** The surface's own words, handed over as text like those of every output. */
function parseHooks(text: string): HookMap {
  // cox-allow parse-at-boundary owner=delivery until=2027-06-30 reason=written a moment ago by hook-surfaces.ts
  return JSON.parse(text) as HookMap
}
