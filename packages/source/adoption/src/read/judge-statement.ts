import { globTest } from '@coxswain/constraints'
import type { Check } from '@coxswain/constraints'
import { meaningOf, ruleState, type LinterConfig, type LinterRow, type Meaning, type Said } from '@coxswain/meaning'
import type { Statement } from './read-statements.ts'
import { withoutPlace, statedScope, type ScopeTree } from './stated-scope.ts'

/** What a sentence says, where the table reads the whole of it, and what enforces it. */
export interface Judged {
  readonly said: Said
  readonly scope: readonly string[]
  readonly except: readonly string[]
  readonly by: Enforcer
}

export type Enforcer =
  | { readonly kind: 'linter'; readonly rule: string; readonly file: string; readonly line: number; readonly files: number }
  /** Checks of our own that say the same. */
  | { readonly kind: 'checks'; readonly checks: readonly Check[]; readonly why: string }
  | { readonly kind: 'nothing'; readonly why: string }

export type Judgement = { readonly kind: 'read'; readonly judged: Judged } | { readonly kind: 'unread'; readonly why: string }

/** What a sentence is judged by. */
export interface World extends Omit<ScopeTree, 'folder'> {
  readonly configs: readonly LinterConfig[]
  /** Linters that a script, a manifest or CI names: a configuration that no program reads enforces nothing. */
  readonly linters: ReadonlySet<string>
}

export interface Placed {
  readonly folder: string
  readonly scope: readonly string[]
  readonly except: readonly string[]
}

/** Only a sentence that one row of the table reads to its last word is understood. */
export function judgeStatement(statement: Pick<Statement, 'text' | 'headings'>, world: World, placed: Placed): Judgement {
  const tree = { ...world, folder: placed.folder }
  const stated = statedScope(statement.text, tree)
  if (stated.kind === 'unclear') return unread('where it holds cannot be read with certainty')
  const isNarrowed = !(placed.scope.length === 1 && /(?:^|\/)\*\*$/.test(placed.scope[0] ?? '') && placed.except.length === 0)
  if (stated.kind === 'globs' && isNarrowed) return unread('it says where it holds, in a file that holds for some files only')
  const clause = stated.kind === 'globs' ? withoutPlace(statement.text) : statement.text
  const said = meaningOf(asked(clause, statement.headings))
  if (said === null) return unread('no check is known to say all of it')
  const scope = stated.kind === 'globs' ? stated.globs : placed.scope
  const { except } = placed
  return { kind: 'read', judged: { said, scope, except, by: enforcerOf(said, world, { scope, except }) } }
}

function unread(why: string): Judgement {
  return { kind: 'unread', why }
}

const forbidding = /^(?:do(?:n['’]ts?|nts?| nots?)|never|forbidden|not allowed|prohibited)\b[^a-z]*$/i
const alreadyNegative = /^\W*(?:please )?(?:do not|don['’]?t|never|no|avoid|must not|not)\b/i

/** Under "Do not" a list of things forbids them. */
function asked(text: string, headings: readonly string[]): string {
  if (!forbidding.test(headings.at(-1) ?? '') || alreadyNegative.test(text)) return text
  const said = `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
  return /^(?:use|write|create|declare|call|commit|leave|have|import|cast)\b/.test(said) ? `Do not ${said}` : `No ${said}`
}

const source = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/
const typescript = /\.(?:[cm]?ts|tsx|vue|svelte|astro)$/

function enforcerOf(said: Said, world: World, { scope, except }: Pick<Placed, 'scope' | 'except'>): Enforcer {
  const isOut = except.length === 0 ? () => false : globTest(except)
  const ending = said.meaning.about === 'typescript' ? typescript : source
  const isIn = globTest(scope)
  const files = world.files.filter((file) => ending.test(file) && isIn(file) && !isOut(file))
  const linter = linterOf(said.meaning, files, world)
  if ('rule' in linter && said.alternative === null) {
    const { rule, file, line } = linter
    return { kind: 'linter', rule, file, line, files: files.length }
  }
  const why = 'rule' in linter ? 'a linter rule says it, but not what to use instead' : linter.why
  return checksOf(said.meaning, files, why)
}

type Found = { readonly rule: string; readonly file: string; readonly line: number } | { readonly why: string }

function linterOf(meaning: Meaning, files: readonly string[], world: World): Found {
  if (meaning.linters.length === 0) return { why: '' }
  if (files.length === 0) return { why: 'no file is there that a linter could look at' }
  const tried = meaning.linters.map((row) => inEach(row, files, world))
  return tried.find((one) => 'rule' in one) ?? tried.find((one) => !('rule' in one) && one.isSet) ?? tried[0] ?? { why: '' }
}

function inEach(row: LinterRow, files: readonly string[], { configs, linters }: World): Found & { readonly isSet: boolean } {
  const isSet = configs.some(({ linter, text }) => linter === row.linter && row.rules.some((rule) => text.includes(rule)))
  if (!configs.some(({ linter }) => linter === row.linter)) return { why: `no ${row.linter} is configured`, isSet }
  if (!linters.has(row.linter)) return { why: `no manifest, script or workflow names ${row.linter}`, isSet }
  let first: Found = { why: '' }
  for (const file of files) {
    const state = ruleState(configs, row, file)
    if (state.kind === 'not') return { why: state.why, isSet }
    if (!('rule' in first)) first = { rule: state.rule, file: state.file, line: state.line }
  }
  return { ...first, isSet }
}

/** Endings that no pattern language of ours looks into. */
const unseen = /\.(?:vue|svelte|astro)$/

function checksOf(meaning: Meaning, files: readonly string[], why: string): Enforcer {
  if (meaning.check === null || meaning.check.kind === 'rule')
    return { kind: 'nothing', why: why === '' ? 'no check of ours says all of it' : why }
  const hidden = files.find((file) => unseen.test(file))
  if (hidden !== undefined) return { kind: 'nothing', why: `no check of ours looks into ${hidden}` }
  const match = { ...meaning.check.look }
  const script = files.some((file) => /\.[cm]?jsx?$/.test(file))
  const languages = meaning.about === 'any' && script ? ['ts', 'js'] : ['ts']
  return { kind: 'checks', checks: languages.map((language) => ({ language, match })), why }
}
