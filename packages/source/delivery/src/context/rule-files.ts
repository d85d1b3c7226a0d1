import { globTest, readRuleFront, splitFrontMatter, splitGlobs } from '@coxswain/constraints'
import type { LoadingRules } from './loading-rules.ts'
import type { TreeReader } from './tree-reader.ts'

export interface RuleFile {
  readonly path: string
  /** Without its front matter. */
  readonly text: string
  /** Null when the rule arrives without a matching file. */
  readonly globs: readonly string[] | null
}

/** The rule files of one folder: `.claude/rules` and its like. */
export function ruleFiles(tree: TreeReader, folder: string, rules: LoadingRules): readonly RuleFile[] {
  const kind = rules.rules
  if (kind === null) return []
  const home = folder === '' ? kind.folder : `${folder}/${kind.folder}`
  return tree.list(home).flatMap((path) => {
    const text = path.endsWith(kind.extension) ? tree.read(path) : null
    if (text === null) return []
    const split = splitFrontMatter(text)
    // What is no front matter has no keys.
    const front = split.yaml === null ? {} : (readRuleFront(split.yaml) ?? {})
    return [{ path, text: split.body, globs: globsOf(front, kind) }]
  })
}

/** Whether a rule's globs, relative to the folder that holds it, match a file. */
export function matchesRule(rule: RuleFile, folder: string, file: string): boolean {
  if (rule.globs === null || (folder !== '' && !file.startsWith(`${folder}/`))) return false
  return globTest(rule.globs)(folder === '' ? file : file.slice(folder.length + 1))
}

function globsOf(front: Readonly<Record<string, unknown>>, kind: NonNullable<LoadingRules['rules']>): readonly string[] | null {
  if (kind.always === 'alwaysApply' && front['alwaysApply'] === true) return null
  const value = front[kind.key]
  const list =
    Array.isArray(value) && kind.always !== 'never' ? value : typeof value === 'string' ? (splitGlobs(value) ?? []) : []
  const globs = list
    .filter((one) => typeof one === 'string')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '')
  return globs.length === 0 && kind.always === 'without-key' ? null : globs
}
