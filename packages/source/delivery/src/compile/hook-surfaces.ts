import type { Constraint } from '@coxswain/constraints'
import type { Target } from './compile-config.ts'
import { globExpression } from './glob-expression.ts'
import { hookListFile, hookPrograms, type HookProgram, type Moment } from './hook-programs.ts'
import { hookScript, hookScriptFile } from './hook-script.ts'
import { hookMark, type HookMap } from './settings-text.ts'
import type { CompileInput, Degradation, Output, Surface } from './surface.ts'

/** Commands at moments of a run: a list for every reader, and the settings of agent programs that have hooks. */
export function hooksSurface(input: CompileInput): Surface {
  const hooks = hooksOf(input.constraints)
  if (hooks.length === 0) return { outputs: [], left: [], declared: [] }
  const ids = idsOf(hooks)
  const text = `${JSON.stringify(hooks, null, 2)}\n`
  const list: Output = { target: 'hooks', path: hookListFile, kind: 'file', text, sources: ids }
  const script: Output = { target: 'hooks', path: hookScriptFile, kind: 'file', text: hookScript, sources: ids }
  const wanted = hookPrograms.filter((program) => input.config.targets.includes(program.target))
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
