import { compareText, listTree } from '@coxswain/constraints'
import { counted } from '@coxswain/kernel'
import { findInstructions } from '../read/configured-files.ts'
import { cheaperText, enforcementOf, type Enforcement } from '../read/enforcement.ts'
import type { World } from '../read/judge-statement.ts'
import { readLinterSetup } from '../read/linter-rules.ts'
import { openWorld } from '../read/open-world.ts'
import { ownerFolder } from '../read/rule-scope.ts'
import { readDocuments, type InstructionDocument } from '../read/read-documents.ts'
import type { Statement } from '../read/read-statements.ts'
import { statedScope, type ScopeTree } from '../read/stated-scope.ts'
import { draftText } from './draft-text.ts'
import { freeId, titleOf } from './draft-name.ts'
import { importedSkills, type ImportedSkill } from './imported-skills.ts'
import { boundaryDraft, restrictionDraft } from './linter-drafts.ts'
import { restrictionsOf } from '../read/restrictions.ts'

/** A constraint as it could be, for a person to keep or throw away. Its words come from elsewhere and are data. */
export interface Draft {
  readonly id: string
  readonly title: string
  readonly scope: readonly string[]
  readonly except: readonly string[]
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
  /** Rules that an agent asks for: they stay asked for. */
  readonly skills: readonly ImportedSkill[]
  /** What no rung says: it stays where it is. `why` is a sentence's end. */
  readonly left: readonly { readonly file: string; readonly why: string }[]
  /** Files that were read, with how many drafts each gave. */
  readonly sources: readonly { readonly file: string; readonly drafts: number }[]
  /** Configuration that could not be read whole without running it. */
  readonly partlyRead: readonly string[]
}

/** Reads instruction files and linter configuration into drafts. Writes nothing and runs nothing of what it reads. */
export async function importConstraints(root: string, signal?: AbortSignal): Promise<Imported> {
  const files = await listTree(root, signal)
  const [setup, documents, world] = await Promise.all([
    readLinterSetup(root, files),
    readDocuments(root, files),
    openWorld(root, files),
  ])
  const taken = new Set<string>()
  const fromProse = distinct(documents.flatMap((document) => statementsOf(document, world))).map((found) =>
    proseDraft(found, { world, taken }),
  )
  const fromLinters = setup.rules
    .filter((rule) => rule.isOn && (rule.linter === 'dependency-cruiser' || rule.linter === 'nx'))
    .map((rule) => boundaryDraft(rule, taken))
  const restrictions = setup.rules.flatMap(restrictionsOf).map((restriction) => restrictionDraft(restriction, taken))
  const drafts = [...fromProse, ...fromLinters, ...restrictions]
  const counts = Map.groupBy(drafts, (draft) => draft.provenance.file)
  const sources = [...counts].map(([file, members]) => ({ file, drafts: members.length }))
  const { skills, left } = importedSkills(documents)
  const { left: missing } = await findInstructions(root, files)
  return {
    drafts,
    skills,
    left: [...left, ...missing],
    sources: sources.toSorted((a, b) => compareText(a.file, b.file)),
    partlyRead: setup.partlyRead,
  }
}

export function renderImported(imported: Imported): string {
  const rows = imported.drafts.map((draft) => {
    // What comes from a linter is enforced there: a draft gives its words to agents that never run it.
    const cheaper = draft.isFromLinter ? 'enforced there; keep the draft for its words' : cheaperText(draft.cheaper)
    const also = draft.also.length === 0 ? '' : `, also ${draft.also.map(({ file, line }) => `${file}:${line}`).join(', ')}`
    const from = `${draft.provenance.file}:${draft.provenance.line}${also}`
    const unclear = draft.isScopeUnclear ? '\n  its words say where it holds, and globs do not yet: narrow its scope' : ''
    return `${draft.id} (${draft.rung}) from ${from}${cheaper === '' ? '' : `\n  ${cheaper}`}${unclear}\n`
  })
  const partly = imported.partlyRead.map((file) => `partly read: ${file} computes its rules, and nothing here runs it\n`)
  const skills = imported.skills.map(
    (skill) => `${skill.name} (skill) from ${skill.from}\n  an agent asks for it: ${skill.description}\n`,
  )
  const left = imported.left.map(({ file, why }) => `left out: ${file}: ${why}\n`)
  const count = imported.drafts.length + imported.skills.length
  return `${rows.join('')}${skills.join('')}${left.join('')}${partly.join('')}${counted(count, 'draft')} from ${counted(imported.sources.length + imported.skills.length, 'file')}; keep those whose breach has cost something\n`
}

interface Found {
  readonly statement: Statement
  readonly scope: readonly string[]
  readonly except: readonly string[]
  /** Words around it that say where it holds, and that no glob says: they go along with it. */
  readonly where: readonly string[]
  readonly isScopeUnclear: boolean
  readonly also: readonly { readonly file: string; readonly line: number }[]
}

/** The sources of rulers come before what they generate, and words that stand in several files for one scope are one draft. */
function distinct(found: readonly Found[]): Found[] {
  const ordered = found.toSorted((a, b) => Number(isGenerated(a.statement.file)) - Number(isGenerated(b.statement.file)))
  const groups = Map.groupBy(ordered, ({ statement, scope, where }) =>
    [...where, statement.text, ...scope].join('\n').toLowerCase(),
  )
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, also: others.map(({ statement: { file, line } }) => ({ file, line })) }],
  )
}

/** Whether another tool may have written it: only its sources are certainly written by people. */
function isGenerated(file: string): boolean {
  return !/^\.(?:ruler|rulesync)\//.test(file)
}

function statementsOf(document: InstructionDocument, all: Omit<ScopeTree, 'folder'>): Found[] {
  if (document.scope.kind !== 'files') return []
  const { scope, except } = document.scope
  const tree = { ...all, folder: ownerFolder(document.file.path) }
  const isNarrowed = except.length > 0 || !(scope.length === 1 && /(?:^|\/)\*\*$/.test(scope[0] ?? ''))
  return document.instructions.statements.map((statement): Found => {
    const said = [...statement.headings, ...statement.leads, statement.text]
      .map((text) => ({ text, stated: statedScope(text, tree) }))
      .filter(({ stated }) => stated.kind !== 'none')
    const [only, ...others] = said.flatMap(({ text, stated }) => (stated.kind === 'globs' ? [{ text, globs: stated.globs }] : []))
    // Where two of them hold is nothing that globs can say.
    const isSaid = only !== undefined && others.length === 0 && !isNarrowed
    const where = said.map(({ text }) => text).filter((text) => text !== statement.text && !(isSaid && text === only.text))
    const isScopeUnclear = said.length > (isSaid ? 1 : 0)
    return { statement, scope: isSaid ? only.globs : scope, except, where, isScopeUnclear, also: [] }
  })
}

function proseDraft(
  { statement, scope, except, where, isScopeUnclear, also }: Found,
  use: { readonly world: World; readonly taken: Set<string> },
): Draft {
  const cheaper = enforcementOf(statement, use.world, { folder: ownerFolder(statement.file), scope, except })
  const id = freeId(statement.text, use.taken)
  const rung = scope.every((glob) => glob === '**') ? 'root' : 'path'
  const provenance = { file: statement.file, line: statement.line, quote: statement.text }
  const title = titleOf(statement.text)
  const draft = { id, title, scope, except, isScopeUnclear, rung, isFromLinter: false, provenance, also, cheaper } as const
  const words = [...where.map((text) => `${text.replace(/:$/, '')}:`), statement.text].join(' ')
  return { ...draft, text: draftText({ ...draft, rungs: [{ [rung]: words }], fix: words }) }
}
