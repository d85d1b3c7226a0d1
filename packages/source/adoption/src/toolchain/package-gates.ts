import type { GateName } from './toolchain.ts'

const scriptsFor: Readonly<Record<GateName, readonly string[]>> = {
  test: ['test', 'test:ci', 'test:run', 'test:unit', 'tests'],
  typecheck: ['typecheck', 'type-check', 'check-types', 'check:types', 'types:check', 'ts:check', 'tsc', 'types'],
  lint: ['lint', 'lint:check', 'lint:ci', 'check:lint', 'eslint'],
}

export type ScriptChoice =
  | { readonly kind: 'script'; readonly name: string }
  /** There are some, and none that could judge: why not the first. */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'none' }

/** The script that would judge a change, of those that people name so. */
export function chooseScript(gate: GateName, scripts: ReadonlyMap<string, string>): ScriptChoice {
  const candidates = scriptsFor[gate].filter((name) => scripts.has(name))
  const fit = candidates.find((name) => unfitness(scripts.get(name) ?? '') === null)
  if (fit !== undefined) return { kind: 'script', name: fit }
  const [first] = candidates
  const why = first === undefined ? null : unfitness(scripts.get(first) ?? '')
  // What `npm init` writes is no script at all.
  return why === null || why === placeholder ? { kind: 'none' } : { kind: 'unfit', why: `the script "${first}" ${why}` }
}

const placeholder = 'is a placeholder'

function unfitness(body: string): string | null {
  if (/no test specified/i.test(body)) return placeholder
  if (/^\s*(?:(?:echo\b[^&|;>]*|true|:|exit(?: 0)?)\s*(?:&&|;|$)\s*)*$/.test(body)) return 'does nothing'
  if (/(?:^|\s)(?:--watch(?:All)?(?:=true)?|watch)(?=\s|$)/.test(body)) return 'never ends: it watches'
  if (/(?:^|\s)--(?:fix|write|fix=true)(?=\s|$)/.test(body)) return 'changes files instead of judging them'
  return null
}
