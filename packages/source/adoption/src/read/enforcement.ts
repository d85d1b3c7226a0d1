import { globTest } from '@coxswain/constraints'
import type { LinterRule, LinterSetup } from './linter-rules.ts'
import { mechanismsOf, type Mechanism } from './mechanisable.ts'
import { restrictionsOf } from './restrictions.ts'

export type Enforcement = { readonly kind: 'enforced'; readonly by: readonly string[] } | Possible | { readonly kind: 'prose' }

export interface Possible {
  readonly kind: 'possible'
  /** A built-in check. */
  readonly check: string | null
  /** A rule of a linter. */
  readonly rule: string | null
  readonly limit: string | null
  /** What enforces another part of the sentence already. */
  readonly by: readonly string[]
}

export interface Sentence {
  readonly text: string
  /** The file that holds it: what is said in a package is about that package. */
  readonly file: string
  /** Outermost first: under "Do not" a list of things forbids them. */
  readonly headings?: readonly string[]
}

/** Whether a machine already says what a sentence says, could say it, or only people and models can judge it. */
export function enforcementOf(sentence: Sentence, setup: LinterSetup): Enforcement {
  const place = { folder: folderOf(sentence.file), setup }
  const text = asked(sentence)
  const found = mechanismsOf(text).map((mechanism) => ({ mechanism, by: enforcer(mechanism, place) }))
  const byName = forbiddenByName(text, place)
  const by = [...new Set([...found.flatMap((one) => (one.by === null ? [] : [one.by])), ...byName])]
  const open = found.find((one) => one.by === null)?.mechanism
  if (open !== undefined)
    return { kind: 'possible', check: open.check, rule: open.linterRules[0] ?? null, limit: open.limit ?? null, by }
  return by.length === 0 ? { kind: 'prose' } : { kind: 'enforced', by }
}

function asked({ text, headings = [] }: Sentence): string {
  return /^(?:do(?:n['’]t|nt| not)s?|never|avoid|forbidden)\b[^a-z]*$/i.test(headings.at(-1) ?? '') ? `Do not ${text}` : text
}

interface SentencePlace {
  readonly folder: string
  readonly setup: LinterSetup
}

/** "No global `fetch`", where a linter forbids that very name; "no named imports from wrangler", where a rule has those words as its name. */
function forbiddenByName(text: string, { folder, setup }: SentencePlace): string[] {
  if (!/\b(?:no|never|avoid|don['’]t|do not|instead of)\b/i.test(text)) return []
  const names = forbiddenNames(text)
  const said = new Set(text.toLowerCase().match(/[a-z]+/g))
  const meant = setup.rules.filter(
    (rule) =>
      restrictionsOf(rule).some(({ name, parts }) => (parts.length === 0 ? [name] : parts).some((one) => names.has(one))) ||
      isSaid(rule.name, said),
  )
  return [...new Set(meant.map((rule) => rule.name))].flatMap((name) => {
    const settings = setup.rules.filter((one) => one.name === name)
    const state = stateIn(folder, settings)
    const [first] = settings
    return state === 'off' || first === undefined ? [] : [`${first.linter} ${name}${state === 'partly' ? ' in part of it' : ''}`]
  })
}

/** Names in code that a negation stands before, and what an import in code would bring. */
function forbiddenNames(text: string): ReadonlySet<string> {
  const negated = [...text.matchAll(/\b(?:no|never|avoid|don['’]t|do not|instead of)\b[^.`]{0,40}`([^`]+)`/gi)].map(
    (match) => match[1] ?? '',
  )
  return new Set(
    negated.flatMap((code) => {
      const imported = /^import\s*\{([^}]*)\}\s*from\b/.exec(code)?.[1]
      return imported === undefined ? [code.replace(/\(.*\)$/, '')] : imported.split(',').map((name) => name.trim())
    }),
  )
}

/** A rule that begins with `no-` and names at least two things, all of them said. */
function isSaid(name: string, said: ReadonlySet<string>): boolean {
  const words = /(?:^|\/)no-([a-z]+(?:-[a-z]+)+)$/.exec(name)?.[1]?.split('-') ?? []
  return words.length > 1 && words.every((word) => said.has(word) || said.has(`${word}s`) || said.has(word.replace(/s$/, '')))
}

function enforcer(mechanism: Mechanism, place: SentencePlace): string | null {
  for (const name of mechanism.linterRules) {
    const settings = place.setup.rules.filter((one) => one.name === name || one.name.endsWith(`/${name}`))
    const state = stateIn(place.folder, settings)
    const [first] = settings
    if (state !== 'off' && first !== undefined)
      return `${first.linter} ${first.name}${state === 'partly' ? ' in part of it' : ''}`
  }
  const [formatter] = place.setup.formatters
  return mechanism.byFormatter === true && formatter !== undefined ? `the formatter of ${formatter}` : null
}

/** Judged on source files that the folder might hold; a later setting wins over an earlier one. */
function stateIn(folder: string, settings: readonly LinterRule[]): 'on' | 'partly' | 'off' {
  const prefix = folder === '' ? '' : `${folder}/`
  const samples = [`${prefix}index.ts`, `${prefix}src/index.ts`, `${prefix}src/part/module.ts`]
  const states = samples.map((path) => settings.findLast((setting) => isAbout(setting, path))?.isOn ?? false)
  if (!states.includes(true)) return 'off'
  const hasException = folder === '' && settings.some((setting) => setting.files !== null)
  return states.includes(false) || hasException ? 'partly' : 'on'
}

function isAbout(setting: LinterRule, path: string): boolean {
  const home = folderOf(setting.file)
  if (home !== '' && !path.startsWith(`${home}/`)) return false
  const inside = home === '' ? path : path.slice(home.length + 1)
  if (setting.files === null) return true
  const globs = setting.files.flatMap((glob) => (glob.includes('/') ? [glob] : [glob, `**/${glob}`]))
  return globs.length > 0 && globTest(globs)(inside)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
