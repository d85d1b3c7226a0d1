import { compareText, leavesTree, listTree } from '@coxswain/constraints'
import { counted } from '@coxswain/kernel'
import { parse } from 'yaml'
import { enforcementOf, type Enforcement } from '../read/enforcement.ts'
import type { InstructionFile } from '../read/instruction-files.ts'
import { readLinterSetup, type LinterRule, type LinterSetup } from '../read/linter-rules.ts'
import { readDocuments, type InstructionDocument } from '../read/read-documents.ts'
import type { Statement } from '../read/read-statements.ts'
import { statedScope, type ScopeTree } from '../read/stated-scope.ts'
import { draftText } from './draft-text.ts'
import { restrictionsOf, type Restriction } from '../read/restrictions.ts'

/** A constraint as it could be, for a person to keep or throw away. Its words come from elsewhere and are data. */
export interface Draft {
  readonly id: string
  readonly title: string
  readonly scope: readonly string[]
  /** Whether the sentence states a scope that cannot be read with certainty: `scope` is wider than what it says. */
  readonly isScopeUnclear: boolean
  /** The rung it would stand on as imported. */
  readonly rung: 'root' | 'path' | 'check'
  readonly isFromLinter: boolean
  readonly provenance: { readonly file: string; readonly line: number; readonly quote: string }
  /** Where the same words stand besides. */
  readonly also: readonly { readonly file: string; readonly line: number }[]
  /** A cheaper place for it, when a machine could say the same. */
  readonly cheaper: Enforcement
  /** `harness/constraints/<id>.md`, ready to write. */
  readonly text: string
}

export interface Imported {
  readonly drafts: readonly Draft[]
  /** Files that were read, with how many drafts each gave. */
  readonly sources: readonly { readonly file: string; readonly drafts: number }[]
  /** Configuration that could not be read whole without running it. */
  readonly partlyRead: readonly string[]
}

/** Reads instruction files and linter configuration into drafts. Writes nothing and runs nothing of what it reads. */
export async function importConstraints(root: string, signal?: AbortSignal): Promise<Imported> {
  const files = await listTree(root, signal)
  const setup = await readLinterSetup(root, files)
  const documents = await readDocuments(root, files)
  const folderNames = new Set(files.flatMap((file) => file.split('/').slice(0, -1)))
  const taken = new Set<string>()
  const fromProse = distinct(documents.flatMap((document) => statementsOf(document, { files, folderNames }))).map((found) =>
    proseDraft(found, { setup, taken }),
  )
  const fromLinters = setup.rules
    .filter((rule) => rule.isOn && (rule.linter === 'dependency-cruiser' || rule.linter === 'nx'))
    .map((rule) => boundaryDraft(rule, taken))
  const restrictions = setup.rules.flatMap(restrictionsOf).map((restriction) => restrictionDraft(restriction, taken))
  const drafts = [...fromProse, ...fromLinters, ...restrictions]
  const counts = Map.groupBy(drafts, (draft) => draft.provenance.file)
  const sources = [...counts].map(([file, members]) => ({ file, drafts: members.length }))
  return { drafts, sources: sources.toSorted((a, b) => compareText(a.file, b.file)), partlyRead: setup.partlyRead }
}

export function renderImported(imported: Imported): string {
  const rows = imported.drafts.map((draft) => {
    // What comes from a linter is enforced there: a draft gives its words to agents that never run it.
    const cheaper = draft.isFromLinter ? 'enforced there; keep the draft for its words' : cheaperText(draft.cheaper)
    const also = draft.also.length === 0 ? '' : `, also ${draft.also.map(({ file, line }) => `${file}:${line}`).join(', ')}`
    const from = `${draft.provenance.file}:${draft.provenance.line}${also}`
    return `${draft.id} (${draft.rung}) from ${from}${cheaper === '' ? '' : `\n  ${cheaper}`}\n`
  })
  const partly = imported.partlyRead.map((file) => `partly read: ${file} computes its rules, and nothing here runs it\n`)
  return `${rows.join('')}${partly.join('')}${counted(imported.drafts.length, 'draft')} from ${counted(imported.sources.length, 'file')}; keep those whose breach has cost something\n`
}

export function cheaperText(cheaper: Enforcement): string {
  if (cheaper.kind === 'prose') return ''
  if (cheaper.kind === 'enforced') {
    const isWhole = cheaper.by.some((by) => !by.endsWith(' in part of it'))
    return `already enforced by ${cheaper.by.join(', ')}: ${isWhole ? 'delete that part' : 'say only where it is not'}`
  }
  const limit = cheaper.limit === null ? '' : ` (${cheaper.limit})`
  const could =
    cheaper.check === null
      ? `a linter could enforce it: ${cheaper.rule ?? ''}${limit}`
      : `the built-in check ${cheaper.check} could enforce it${limit}`
  return cheaper.by.length === 0 ? could : `${could}; another part is enforced by ${cheaper.by.join(', ')}`
}

interface Found {
  readonly statement: Statement
  readonly scope: readonly string[]
  readonly isScopeUnclear: boolean
  readonly also: readonly { readonly file: string; readonly line: number }[]
}

/** The sources of rulers come before what they generate, and words that stand in several files for one scope are one draft. */
function distinct(found: readonly Found[]): Found[] {
  const ordered = found.toSorted((a, b) => Number(isGenerated(a.statement.file)) - Number(isGenerated(b.statement.file)))
  const groups = Map.groupBy(ordered, ({ statement, scope }) => `${statement.text.toLowerCase()}\n${scope.join('\n')}`)
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, also: others.map(({ statement: { file, line } }) => ({ file, line })) }],
  )
}

/** Whether another tool may have written it: only its sources are certainly written by people. */
function isGenerated(file: string): boolean {
  return !/^\.(?:ruler|rulesync)\//.test(file)
}

function statementsOf(document: InstructionDocument, all: Omit<ScopeTree, 'folder'>): Found[] {
  const scope = scopeOf(document.file, document.front)
  const tree = { ...all, folder: folderOf(document.file) }
  const isNarrowed = scope.join() !== baseOf(tree.folder).join()
  return document.instructions.statements.map((statement): Found => {
    const said = [...statement.headings, statement.text]
      .map((text) => statedScope(text, tree))
      .filter(({ kind }) => kind !== 'none')
    const [only] = said
    if (only === undefined) return { statement, scope, isScopeUnclear: false, also: [] }
    // Where both hold is nothing that globs can say.
    const isScopeUnclear = only.kind !== 'globs' || said.length > 1 || isNarrowed
    return { statement, scope: only.kind === 'globs' && !isScopeUnclear ? only.globs : scope, isScopeUnclear, also: [] }
  })
}

function folderOf({ path }: InstructionFile): string {
  const isAbout = path.includes('/') && !/\/?\.(?:claude|cursor|github|ruler|rulesync)\//.test(`/${path}`)
  return isAbout ? path.slice(0, path.lastIndexOf('/')) : ''
}

function baseOf(folder: string): readonly string[] {
  return folder === '' ? ['**'] : [`${folder}/**`]
}

const scopeKeys = ['paths', 'globs', 'applyTo']

function scopeOf(file: InstructionFile, yaml: string | null): readonly string[] {
  const base = baseOf(folderOf(file))
  const front = yaml === null ? {} : frontOf(yaml)
  const value = scopeKeys.map((key) => front[key]).find((one) => one !== undefined)
  const globs = (Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [])
    .filter((glob) => typeof glob === 'string')
    .map((glob) => glob.trim())
  const inside = globs.filter((glob) => glob !== '' && !/^\/|\.\.|\\/.test(glob))
  return inside.length > 0 ? inside : base
}

function frontOf(yaml: string): Readonly<Record<string, unknown>> {
  const quoted = yaml.replaceAll(
    /^(\w+):[ \t]*([*{[][^\n]*[^\n\]}"'])$/gm,
    (_, key: string, value: string) => `${key}: ${JSON.stringify(value)}`,
  )
  try {
    const value: unknown = parse(quoted, { maxAliasCount: 100 })
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function proseDraft(
  { statement, scope, isScopeUnclear, also }: Found,
  use: { readonly setup: LinterSetup; readonly taken: Set<string> },
): Draft {
  const cheaper = enforcementOf(statement, use.setup)
  const id = freeId(statement.text, use.taken)
  const rung = scope.every((glob) => glob === '**') ? 'root' : 'path'
  const provenance = { file: statement.file, line: statement.line, quote: statement.text }
  const title = titleOf(statement.text)
  const draft = { id, title, scope, isScopeUnclear, rung, isFromLinter: false, provenance, also, cheaper } as const
  return { ...draft, text: draftText({ ...draft, rungs: [{ [rung]: statement.text }], fix: statement.text }) }
}

/** Boundaries of dependency-cruiser and Nx become one draft per rule; our own check takes them from `harness/architecture.yaml`. */
function boundaryDraft(rule: LinterRule, taken: Set<string>): Draft {
  const [first] = rule.options
  const said =
    typeof first === 'object' && first !== null && 'comment' in first && typeof first.comment === 'string' ? first.comment : ''
  const named = rule.linter === 'nx' ? 'Modules keep to their boundaries' : `Dependencies keep to ${rule.name}`
  const check = { rule: rule.name === 'no-circular' ? 'no-cycles' : 'layer-direction' }
  return linterDraft(rule, {
    id: freeId(`${rule.linter} ${rule.name.split('/').at(-1) ?? ''}`, taken),
    title: said === '' ? named : titleOf(said),
    scope: ['**'],
    rung: { check },
    quote: JSON.stringify(rule.options).slice(0, 1_500),
    fix: said === '' ? `Keep the edge that ${rule.linter} forbids out of the graph.` : said,
  })
}

/** It stays in the linter until somebody decides; the draft gives its words to agents that never run the linter. */
function restrictionDraft({ name, parts, message, match, rule }: Restriction, taken: Set<string>): Draft {
  const scope = scopeOfRule(rule)
  return linterDraft(rule, {
    id: freeId(match === null ? message : `no ${[...parts, name].join(' ')}`, taken),
    title: titleOf(message),
    scope: scope.length === 0 ? [`${homeOf(rule.file)}**`] : scope,
    rung: match === null ? { path: message } : { check: { language: 'ts', match } },
    quote: `${rule.name}: ${name}. ${message}`,
    fix: message,
  })
}

/** Globs of a linter are relative to its configuration, and a bare one matches at any depth. */
function scopeOfRule({ file, files }: LinterRule): string[] {
  const home = homeOf(file)
  const globs = (files ?? []).filter((glob) => !leavesTree(glob) && !glob.startsWith('!'))
  return globs.map((glob) => `${home}${glob.includes('/') ? glob : `**/${glob}`}`)
}

function homeOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1)
}

interface LinterDraft {
  readonly id: string
  readonly title: string
  readonly scope: readonly string[]
  readonly rung: { readonly check: unknown } | { readonly path: string }
  readonly quote: string
  readonly fix: string
}

function linterDraft(rule: LinterRule, { id, title, scope, rung, quote, fix }: LinterDraft): Draft {
  const provenance = { file: rule.file, line: rule.line, quote }
  const cheaper: Enforcement = { kind: 'enforced', by: [`${rule.linter} ${rule.name}`] }
  const text = draftText({ id, title, scope, rungs: [rung], fix, provenance })
  const place = 'path' in rung ? 'path' : 'check'
  return { id, title, scope, isScopeUnclear: false, rung: place, isFromLinter: true, provenance, also: [], cheaper, text }
}

function titleOf(text: string): string {
  const first = text.replace(/[.:;]\s.*$/s, '').replace(/[.:;]$/, '')
  return first.length <= 100 ? first : `${first.slice(0, 97).replace(/\s\S*$/, '')} …`
}

function freeId(text: string, taken: Set<string>): string {
  const filler = new Set([
    'a',
    'an',
    'the',
    'to',
    'of',
    'in',
    'for',
    'and',
    'or',
    'is',
    'are',
    'be',
    'with',
    'that',
    'this',
    'it',
    'you',
    'your',
    'must',
    'should',
    'always',
  ])
  const words = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()
    .split(' ')
    .filter((word) => !filler.has(word))
  const base =
    words
      .slice(0, 6)
      .join('-')
      .slice(0, 48)
      .replace(/^[^a-z]+/, '')
      .replace(/-$/, '') || 'imported'
  let id = base
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`
  taken.add(id)
  return id
}
