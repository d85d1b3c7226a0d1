import { globTest, leavesTree, readRuleFront, splitGlobs } from '@coxswain/constraints'
import type { InstructionFile } from './instruction-files.ts'

/** Where the words of an instruction file hold, and what brings them to an agent. */
export type RuleScope =
  | { readonly kind: 'files'; readonly scope: readonly string[]; readonly except: readonly string[] }
  /** An agent reads it when the description fits its work. */
  | { readonly kind: 'asked'; readonly description: string }
  /** No rung says the same: `why` is a sentence's end. */
  | { readonly kind: 'left'; readonly why: string }

/** What a rule file says about where it holds is never widened: what cannot be said in globs of ours is left where it is. */
export function ruleScope(
  file: InstructionFile,
  front: { readonly yaml: string | null; readonly isUnclosed: boolean },
): RuleScope {
  const folder = file.format === 'opencode' ? '' : ownerFolder(file.path)
  if (/(?:^|\/)CLAUDE\.local\.md$/.test(file.path)) return left('it is one person’s own')
  if (!(file.format in keys)) return everywhere(folder)
  if (front.isUnclosed) return left('its front matter is never closed')
  const read = readRuleFront(front.yaml ?? '')
  return read === null ? left('its front matter cannot be read') : scopeOfRule(file, { folder, front: read })
}

const keys: Readonly<Record<string, string>> = {
  'claude-rule': 'paths',
  'copilot-rule': 'applyTo',
  cursor: 'globs',
  rulesync: 'globs',
}

interface RuleFront {
  readonly folder: string
  readonly front: Readonly<Record<string, unknown>>
}

function scopeOfRule(file: InstructionFile, { folder, front }: RuleFront): RuleScope {
  const value = front[keys[file.format] ?? '']
  const isCursor = file.format === 'cursor' && !file.path.endsWith('.cursorrules')
  if (isCursor && front['alwaysApply'] === true) return everywhere(folder)
  if (file.format === 'copilot-rule' && stringsOf(front['excludeAgent']).includes('coding-agent'))
    return left('it is for reviews alone')
  if (file.format === 'copilot-rule' && Array.isArray(value)) return left('Copilot reads `applyTo` as one line, not as a list')
  const globs = globsOf(value)
  if (globs === null) return left(`its \`${keys[file.format] ?? ''}\` cannot be read`)
  if (globs.length > 0) return scoped(globs, folder)
  if (file.format === 'copilot-rule') return left('without `applyTo` Copilot brings it to nobody by itself')
  if (!isCursor) return everywhere(folder)
  const description = front['description']
  if (typeof description !== 'string' || description.trim() === '') return left('a person asks for it by its name')
  return folder === '' ? { kind: 'asked', description: description.trim() } : left(`an agent asks for it in ${folder} alone`)
}

function left(why: string): RuleScope {
  return { kind: 'left', why }
}

function everywhere(folder: string): RuleScope {
  return { kind: 'files', scope: folder === '' ? ['**'] : [`${asGlob(folder)}/**`], except: [] }
}

function scoped(globs: readonly string[], folder: string): RuleScope {
  const outs = globs.filter((glob) => glob.startsWith('!'))
  const ins = globs.filter((glob) => !glob.startsWith('!'))
  const scope = ins.map((glob) => ownGlob(glob, folder))
  const except = outs.map((glob) => ownGlob(glob.slice(1), folder))
  if ([...scope, ...except].includes(null)) return left('one of its globs is none of this tree')
  if (scope.length === 0) return left('it names only what it does not hold for')
  return { kind: 'files', scope: scope.filter((glob) => glob !== null), except: except.filter((glob) => glob !== null) }
}

/** Null where it is no list of strings. */
function globsOf(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return splitGlobs(value)
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return null
  const split = value.map((one) => splitGlobs(one))
  return split.includes(null) ? null : split.flatMap((one) => one ?? [])
}

/** From the root, within the folder that holds the rule; null for one that leaves it or that our globs cannot say. */
function ownGlob(glob: string, folder: string): string | null {
  const plain = withoutEscapes(glob.replace(/^(?:\.\/)+/, ''))
  if (plain === null || plain === '' || leavesTree(plain) || plain.startsWith('!')) return null
  const whole = plain.endsWith('/') ? `${plain}**` : plain
  const inside = folder === '' || whole.startsWith(`${folder}/`) ? whole : `${asGlob(folder)}/${whole}`
  return isReadable(inside) ? inside : null
}

/** What stands behind a backslash, as a character class: our globs know no backslash. */
function withoutEscapes(glob: string): string | null {
  const said = glob.replaceAll(/\\([*?{}(),!+@|-])/g, (_, sign: string) => (/[!+@|-]/.test(sign) ? sign : `[${sign}]`))
  return said.includes('\\') ? null : said
}

/** A folder's name may hold signs of globs. */
function asGlob(folder: string): string {
  return folder.replaceAll(/[*?{}()[\]]/g, (sign) => (sign === ']' ? '[]]' : `[${sign}]`))
}

function isReadable(glob: string): boolean {
  try {
    globTest([glob])('a')
    return !glob.includes('\0') && !glob.includes('\n')
  } catch {
    return false
  }
}

/** The folder that an instruction file is about: `.claude/rules` and its like are about what holds them. */
export function ownerFolder(path: string): string {
  const parts = path.split('/').slice(0, -1)
  const hidden = parts.findIndex((part) => /^\.(?:claude|cursor|github|ruler|rulesync)$/.test(part))
  return parts.slice(0, hidden === -1 ? parts.length : hidden).join('/')
}

function stringsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
