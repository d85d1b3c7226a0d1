import { compareText, enforceConstraints, listTree, type Constraint } from '@coxswain/constraints'
import { agentNames, context, loadTokenCounter, type AgentName, type Context } from '@coxswain/delivery'
import { mapLimit } from '@coxswain/kernel'
import { enforcementOf, type Enforcement } from '../read/enforcement.ts'
import { readLinterSetup } from '../read/linter-rules.ts'
import { openWorld } from '../read/open-world.ts'
import { ownerFolder } from '../read/rule-scope.ts'
import { readDocuments, type InstructionDocument } from '../read/read-documents.ts'
import type { Statement } from '../read/read-statements.ts'
import { contradictions, type Contradiction } from './contradictions.ts'
import { readScripts } from './read-scripts.ts'
import { repeatedStatements, type Repetition } from './repeated-statements.ts'
import { staleMentions, type StaleMention, type Tree } from './stale-mentions.ts'

export interface ScanOptions {
  readonly root: string
  /** What the source tests find; the checks room hands it in. */
  readonly findViolations?: (asked: ViolationsAsked) => Promise<Violations>
  readonly signal?: AbortSignal
}

export interface ViolationsAsked {
  readonly root: string
  /** Checks that sentences ask for: to be run even where they are off by default. */
  readonly checks: readonly string[]
  readonly signal?: AbortSignal
}

export interface Violations {
  readonly found: readonly { readonly rule: string; readonly file: string }[]
  /** Checks that ran; those that are on without being asked for are what a baseline would hold. */
  readonly ran: readonly { readonly rule: string; readonly isByDefault: boolean }[]
}

export interface Received {
  readonly agent: AgentName
  /** Where the agent starts. */
  readonly folder: string
  /** Of the files' words; frames depend on where the repository lies. */
  readonly bytes: number
  readonly tokens: number
  readonly files: readonly string[]
  readonly lost: Context['lost']
  readonly status: Context['status']
}

export interface MechanisableRule {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly tokens: number
  readonly enforcement: Enforcement
  /** What the check finds today, or null when it was not run. */
  readonly violations: number | null
}

export interface Scan {
  readonly files: number
  readonly instructionFiles: readonly {
    readonly path: string
    readonly format: string
    readonly bytes: number
    readonly tokens: number
  }[]
  readonly statements: number
  readonly received: readonly Received[]
  readonly stale: readonly StaleMention[]
  /** With the tokens that one start pays for again. */
  readonly repeated: readonly (Repetition & { readonly tokens: number })[]
  readonly contradictions: readonly Contradiction[]
  /** Dearest first: violations that a check would stop, then tokens that a deletion saves. */
  readonly mechanisable: readonly MechanisableRule[]
  readonly partlyRead: readonly string[]
  readonly violations: Readonly<Record<string, number>> | null
}

/** What agents receive today and what of it is stale, doubled, contradictory or better said by a machine. Writes nothing, needs no network. */
export async function scan(options: ScanOptions): Promise<Scan> {
  const { root, signal } = options
  const count = await loadTokenCounter()
  const files = await listTree(root, signal)
  const [setup, world, scripts, documents] = await Promise.all([
    readLinterSetup(root, files),
    openWorld(root, files),
    readScripts(root, files),
    readDocuments(root, files),
  ])
  const statements = documents.flatMap((document) => document.instructions.statements)
  const tree = treeOf(files)
  const judged = documents.flatMap(({ file, scope, instructions }) =>
    instructions.statements.map((statement) => ({
      statement,
      enforcement: scope.kind === 'files' ? enforcementOf(statement, world, { folder: ownerFolder(file.path), ...scope }) : prose,
    })),
  )
  const breaches = await ownBreaches(judged, { root, files, ...(signal === undefined ? {} : { signal }) })
  const checks = [...new Set(judged.flatMap(({ enforcement }) => checkOf(enforcement) ?? []))]
  const asked = { root, checks, ...(signal === undefined ? {} : { signal }) }
  const violations = options.findViolations === undefined ? null : await options.findViolations(asked)
  const lockfiles = files.filter((file) => !file.includes('/'))
  const commands = documents.flatMap((document) => document.instructions.commands)
  return {
    files: files.length,
    instructionFiles: documents.map((document) => ({
      path: document.file.path,
      format: document.file.format,
      bytes: Buffer.byteLength(document.text),
      tokens: count(document.text),
    })),
    statements: statements.length,
    received: await receivedEverywhere(root, documents),
    stale: documents.flatMap((document) => uniqueMentions(staleMentions(document.instructions, tree, scripts))),
    repeated: repeatedStatements(statements).map((one) => ({ ...one, tokens: count(one.text) * (one.atOnce - 1) })),
    contradictions: contradictions({ statements, commands, lockfiles }),
    mechanisable: rank(judged.flatMap((one) => mechanisable(one, { count, violations, breaches }))),
    partlyRead: setup.partlyRead,
    violations: violations === null ? null : frozen(violations),
  }
}

/** The root, and for each agent the folder where it receives most: that is where cut-offs show. */
async function receivedEverywhere(root: string, documents: readonly InstructionDocument[]): Promise<Received[]> {
  const folders = [
    ...new Set([
      '',
      ...documents
        .filter(({ file }) => ['agents', 'claude', 'gemini'].includes(file.format))
        .map(({ file }) => folderOf(file.path)),
    ]),
  ].filter((folder) => !folder.split('/').some((part) => part.startsWith('.')))
  const received: Received[] = []
  for (const agent of agentNames) {
    const rows = await mapLimit(folders.toSorted(compareText), 8, async (folder) => receivedIn(root, { folder, agent }))
    const [first, ...rest] = rows
    if (first !== undefined) received.push(first)
    const worst = rest.toSorted((a, b) => Number(hasCut(b)) - Number(hasCut(a)) || b.bytes - a.bytes)[0]
    if (worst !== undefined) received.push(worst)
  }
  return received
}

function hasCut(row: Received): boolean {
  return row.lost.some((loss) => loss.reason === 'over-cap')
}

async function receivedIn(root: string, place: { readonly folder: string; readonly agent: AgentName }): Promise<Received> {
  const found = await context({ root, ...place })
  return {
    agent: place.agent,
    folder: place.folder,
    bytes: sum(found.start.map((piece) => piece.bytes)),
    tokens: sum(found.start.map((piece) => piece.tokens)),
    files: found.start.map((piece) => piece.path),
    lost: found.lost,
    status: found.status,
  }
}

interface Judged {
  readonly statement: Statement
  readonly enforcement: Enforcement
}

interface Counted {
  readonly count: (text: string) => number
  readonly violations: Violations | null
  readonly breaches: ReadonlyMap<Statement, number>
}

function mechanisable({ statement, enforcement }: Judged, { count, violations, breaches: own }: Counted): MechanisableRule[] {
  if (enforcement.kind === 'prose') return []
  const { file, line, text } = statement
  const breaches = own.get(statement) ?? (violations === null ? null : breachesOf({ statement, enforcement }, violations))
  return [{ file, line, text, tokens: count(text), enforcement, violations: breaches }]
}

/** What is said in a folder is counted there. Null when the check did not run. */
function breachesOf({ statement, enforcement }: Judged, { found, ran }: Violations): number | null {
  const check = checkOf(enforcement)
  if (check === null || !ran.some((one) => one.rule === check)) return null
  const folder = folderAbout(statement.file)
  return found.filter((one) => one.rule === check && (folder === '' || one.file.startsWith(`${folder}/`))).length
}

/** Rules in `.claude/rules` and its like are about what holds that folder. */
function folderAbout(path: string): string {
  const parts = folderOf(path).split('/')
  const hidden = parts.findIndex((part) => part.startsWith('.'))
  return parts.slice(0, hidden === -1 ? parts.length : hidden).join('/')
}

function checkOf(enforcement: Enforcement): string | null {
  return enforcement.kind === 'possible' ? enforcement.check : null
}

const prose: Enforcement = { kind: 'prose' }

/** What the checks that say a sentence find where it holds. */
async function ownBreaches(
  judged: readonly Judged[],
  options: { readonly root: string; readonly files: readonly string[]; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<Statement, number>> {
  const checked = judged.flatMap(({ statement, enforcement }) =>
    enforcement.kind === 'possible' && enforcement.checks.length > 0 ? [{ statement, enforcement }] : [],
  )
  const constraints = checked.map(({ enforcement }, index) => heldBy(`sentence-${index}`, enforcement))
  const found = await enforceConstraints({ ...options, constraints, today: '2000-01-01' })
  return new Map(
    checked.map(({ statement }, index) => [
      statement,
      found.filter(({ id, isBroken }) => id === `sentence-${index}` && !isBroken).length,
    ]),
  )
}

function heldBy(id: string, { checks, scope }: Enforcement & { readonly kind: 'possible' }): Constraint {
  const words = { class: 'imported', severity: 'warning', owner: 'unowned', file: '', title: '', why: '', fix: '' } as const
  const none = { see: [], evidence: [], exemptions: [], overrides: [], bad: [], good: [] }
  const rungs = checks.map((check) => ({ check }))
  return { id, ...words, ...none, rungs, scope: [...scope.scope], except: [...scope.except] }
}

function frozen({ found, ran }: Violations): Readonly<Record<string, number>> {
  const byDefault = ran.filter((one) => one.isByDefault).map(({ rule }) => rule)
  return Object.fromEntries(byDefault.map((rule) => [rule, found.filter((one) => one.rule === rule).length]))
}

function rank(rules: readonly MechanisableRule[]): MechanisableRule[] {
  const enforced = (rule: MechanisableRule): number => (rule.enforcement.kind === 'enforced' ? 1 : 0)
  return rules.toSorted(
    (a, b) =>
      (b.violations ?? 0) - (a.violations ?? 0) ||
      enforced(b) - enforced(a) ||
      b.tokens - a.tokens ||
      compareText(a.file, b.file) ||
      a.line - b.line,
  )
}

function uniqueMentions(mentions: readonly StaleMention[]): StaleMention[] {
  const byKey = new Map(mentions.map((mention) => [`${mention.file}:${mention.line}:${mention.message}`, mention]))
  return [...byKey.values()].toSorted((a, b) => a.line - b.line)
}

function treeOf(files: readonly string[]): Tree {
  const folders = new Set<string>()
  for (const file of files)
    for (let path = folderOf(file); path !== '' && !folders.has(path); path = folderOf(path)) folders.add(path)
  return { files: new Set(files), folders }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
