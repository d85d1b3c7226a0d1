import type { LinterName } from '../phrases/meaning.ts'

export type Level = 'off' | 'weaker' | 'error'

export interface RuleSetting {
  readonly level: Level
  /** Null where the configuration names none: then those of an earlier setting stay. */
  readonly options: readonly unknown[] | null
}

/** Settings for some files; a later layer wins. */
export interface ConfigLayer {
  /** Globs from the configuration's folder; null for every file. */
  readonly files: readonly string[] | null
  readonly except: readonly string[]
  readonly rules: Readonly<Record<string, RuleSetting>>
  /** It may set any rule to anything: what came before is not known any more. */
  readonly isOpaque: boolean
}

/** A linter's configuration as far as it is certain. */
export interface LinterConfig {
  readonly linter: LinterName
  readonly form: 'flat' | 'cascading' | 'nearest' | 'single'
  readonly file: string
  readonly text: string
  /** Why nothing can be said about what it enforces; null where all of it was read. */
  readonly unread: string | null
  readonly layers: readonly ConfigLayer[]
  /** In the order of the file: a pattern that begins with `!` takes files in again. */
  readonly ignores: readonly string[]
  /** What alone is looked at; null for everything. */
  readonly includes: readonly string[] | null
  /** Configurations of folders above it do not count. */
  readonly isRoot: boolean
  /** Whether it looks at TypeScript by itself; otherwise only where a layer names such files. */
  readonly readsTypeScript: boolean
}

type Parts = Pick<LinterConfig, 'linter' | 'form' | 'file' | 'text'> & Partial<LinterConfig>

export function linterConfig(parts: Parts): LinterConfig {
  return { unread: null, layers: [], ignores: [], includes: null, isRoot: false, readsTypeScript: true, ...parts }
}

export function unreadConfig(parts: Parts, unread: string): LinterConfig {
  return linterConfig({ ...parts, unread })
}

/** `'error'`, `2`, `['error', option]`, `{ level: 'error', options }`; a warning fails nothing. */
export function ruleSetting(value: unknown): RuleSetting {
  if (Array.isArray(value)) return { level: levelOf(value[0]), options: value.length > 1 ? value.slice(1) : null }
  if (typeof value !== 'object' || value === null) return { level: levelOf(value), options: null }
  const { level, options } = value as { level?: unknown; options?: unknown }
  return { level: levelOf(level), options: options === undefined ? null : [options] }
}

function levelOf(value: unknown): Level {
  if (value === 'error' || value === 'deny' || value === 2) return 'error'
  return value === 'off' || value === 'allow' || value === 0 ? 'off' : 'weaker'
}

export function ruleSettings(rules: unknown): Readonly<Record<string, RuleSetting>> {
  if (typeof rules !== 'object' || rules === null) return {}
  return Object.fromEntries(Object.entries(rules).map(([name, value]) => [name, ruleSetting(value)]))
}

export function stringsIn(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((one) => typeof one === 'string')
}
